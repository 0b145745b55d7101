DROP TABLE orchestration.version;
DROP TABLE orchestration.charge;
ALTER TABLE orchestration.decision DROP COLUMN reasons;
ALTER TABLE orchestration.decision DROP CONSTRAINT decision_pkey;
DELETE FROM orchestration.decision WHERE round > 1;
ALTER TABLE orchestration.decision DROP COLUMN round;
ALTER TABLE orchestration.decision ADD CONSTRAINT decision_pkey PRIMARY KEY (tenant_id, application_id);
