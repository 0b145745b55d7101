DROP TABLE workbench.pin;
DROP TABLE workbench.saved;
