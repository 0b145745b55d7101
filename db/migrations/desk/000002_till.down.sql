DROP TABLE desk.till;
