ALTER TABLE document.file DROP COLUMN scan, DROP COLUMN scanned_at, DROP COLUMN finding;
