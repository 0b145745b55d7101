DROP INDEX orchestration.application_unnamed_idx;
ALTER TABLE orchestration.application DROP COLUMN named;
DROP TABLE orchestration.name_token;
