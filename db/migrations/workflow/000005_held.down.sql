-- What is held goes back to work; its history keeps only what moved the case.
UPDATE workflow.instance SET kind = 'work', held_until = NULL WHERE kind = 'held';
DELETE FROM workflow.transition WHERE cause IN ('held', 'undone', 'lapsed');
ALTER TABLE workflow.transition DROP CONSTRAINT transition_cause_check,
  ADD CONSTRAINT transition_cause_check CHECK (cause IN ('start', 'staff', 'citizen', 'signal', 'escalation'));
ALTER TABLE workflow.instance DROP CONSTRAINT instance_held_check, DROP COLUMN held_until, DROP COLUMN held_items,
  DROP CONSTRAINT instance_kind_check,
  ADD CONSTRAINT instance_kind_check CHECK (kind IN ('work', 'payment', 'citizen', 'field', 'parallel', 'end'));
