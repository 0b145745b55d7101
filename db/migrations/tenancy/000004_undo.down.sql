ALTER TABLE tenancy.setting DROP COLUMN undo_seconds;
