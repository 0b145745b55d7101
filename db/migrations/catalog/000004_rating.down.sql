ALTER TABLE catalog.measure DROP COLUMN stars, DROP COLUMN rated;
