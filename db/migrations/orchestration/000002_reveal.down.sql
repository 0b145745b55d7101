DROP TABLE orchestration.reveal;
