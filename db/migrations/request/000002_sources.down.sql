ALTER TABLE request.request DROP COLUMN sources, DROP COLUMN found;
