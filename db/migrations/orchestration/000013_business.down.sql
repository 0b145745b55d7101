ALTER TABLE orchestration.application DROP COLUMN business, DROP COLUMN sent_by;
