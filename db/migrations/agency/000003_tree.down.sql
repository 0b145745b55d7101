ALTER TABLE agency.agency DROP COLUMN parent;
