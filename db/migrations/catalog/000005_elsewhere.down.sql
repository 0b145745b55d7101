DROP TABLE catalog.elsewhere;
