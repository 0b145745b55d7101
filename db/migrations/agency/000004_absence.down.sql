DROP TABLE agency.absence;
