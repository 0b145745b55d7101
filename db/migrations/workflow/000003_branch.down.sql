DROP TABLE workflow.rota;
DROP TABLE workflow.branch;
REVOKE UPDATE (findings, because) ON workflow.transition FROM digit_app;
ALTER TABLE workflow.transition DROP COLUMN because, DROP COLUMN findings, DROP COLUMN reasons, DROP COLUMN branch,
  DROP CONSTRAINT transition_cause_check, ADD CONSTRAINT transition_cause_check CHECK (cause IN ('start', 'staff', 'signal'));
ALTER TABLE workflow.instance DROP COLUMN fired, DROP CONSTRAINT instance_kind_check,
  ADD CONSTRAINT instance_kind_check CHECK (kind IN ('work', 'payment', 'citizen', 'field', 'end'));
