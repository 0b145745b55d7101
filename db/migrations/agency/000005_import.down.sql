DROP TABLE agency.import_row;
DROP TABLE agency.import;
