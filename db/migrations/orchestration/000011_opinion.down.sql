DROP TABLE orchestration.consultation;
DROP TABLE orchestration.opinion;
