ALTER TABLE orchestration.decision DROP COLUMN because;
ALTER TABLE orchestration.application DROP COLUMN found, DROP COLUMN because;
