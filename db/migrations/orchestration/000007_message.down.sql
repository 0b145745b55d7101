DROP TABLE orchestration.message;
