DROP TABLE workbench.twin;
DROP TABLE workbench.verdict;
