DROP TABLE analytics.decision;
