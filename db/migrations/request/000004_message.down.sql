DROP TABLE request.message;
