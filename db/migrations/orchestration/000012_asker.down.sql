ALTER TABLE orchestration.opinion DROP COLUMN asked_by;
