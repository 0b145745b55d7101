ALTER TABLE orchestration.application ADD COLUMN found bytea, ADD COLUMN because bytea;
COMMENT ON COLUMN orchestration.application.found IS 'Sealed: records that registers held of the person at receipt, looked up with their consent';
COMMENT ON COLUMN orchestration.application.because IS 'Sealed: the decisions of rules at receipt, with what they saw';
ALTER TABLE orchestration.decision ADD COLUMN because bytea;
COMMENT ON COLUMN orchestration.decision.because IS 'Sealed: the decisions of rules at this moment, with what they saw';
GRANT UPDATE (because) ON orchestration.decision TO digit_app; -- under another key it says the same
