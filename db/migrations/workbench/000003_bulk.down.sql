DROP TABLE workbench.handover;
DROP TABLE workbench.bulk_item;
DROP TABLE workbench.bulk;
