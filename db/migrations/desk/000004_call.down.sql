DROP TABLE desk.call;
