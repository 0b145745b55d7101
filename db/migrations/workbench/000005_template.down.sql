DROP TABLE workbench.template;
