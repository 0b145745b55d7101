DROP TABLE request.key;
