DROP TABLE request.upload;
