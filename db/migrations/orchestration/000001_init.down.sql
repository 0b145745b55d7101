DROP SCHEMA orchestration CASCADE;
