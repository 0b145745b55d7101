DROP TABLE simulator.secret;
