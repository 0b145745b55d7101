DROP TABLE orchestration.letter;
