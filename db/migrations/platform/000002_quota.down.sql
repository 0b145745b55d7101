DROP TABLE platform.quota;
