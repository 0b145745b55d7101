DROP TABLE orchestration.follower;
DROP TABLE orchestration.spot;
