DROP TABLE performance.rating;
