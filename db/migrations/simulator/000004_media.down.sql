DROP TABLE simulator.media;
