DROP TABLE agency.holding;
DROP TABLE agency.position;
