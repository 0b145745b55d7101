DROP TABLE workbench.redaction;
