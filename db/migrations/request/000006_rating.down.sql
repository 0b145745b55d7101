DROP TABLE request.rating;
