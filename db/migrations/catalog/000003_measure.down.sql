DROP TABLE catalog.measure;
