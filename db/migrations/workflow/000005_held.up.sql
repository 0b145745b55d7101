-- A decision waits a moment before it takes effect, so that who took it can take it back: the case is nobody's work meanwhile.
ALTER TABLE workflow.instance DROP CONSTRAINT instance_kind_check,
  ADD CONSTRAINT instance_kind_check CHECK (kind IN ('work', 'payment', 'citizen', 'field', 'parallel', 'held', 'end')),
  ADD COLUMN held_until timestamptz,
  ADD COLUMN held_items text[] NOT NULL DEFAULT '{}',
  ADD CONSTRAINT instance_held_check CHECK ((kind = 'held') = (held_until IS NOT NULL));
COMMENT ON COLUMN workflow.instance.kind IS 'Who acts in this state: work and field: staff; payment and citizen: the clock pauses; parallel: its branches go on; held: nobody, until a decision takes effect; end: nobody';
COMMENT ON COLUMN workflow.instance.held_until IS 'When the decision that is held takes effect; it stands in the history at the case''s rev';
COMMENT ON COLUMN workflow.instance.held_items IS 'Questions that the decision which is held, or was undone last, sends back for correction';

ALTER TABLE workflow.transition DROP CONSTRAINT transition_cause_check,
  ADD CONSTRAINT transition_cause_check CHECK (cause IN ('start', 'staff', 'citizen', 'signal', 'escalation', 'held', 'undone', 'lapsed'));
COMMENT ON COLUMN workflow.transition.cause IS 'staff: somebody acted; citizen: the person withdrew, appealed or asked for it to be taken up again; signal: money came, answers came, a timer rang, a condition became true; escalation: a state lasted too long; held: a decision that waits before it takes effect; undone: it was taken back; lapsed: it was refused when it was to take effect';
COMMENT ON COLUMN workflow.transition.reasons IS 'Coded reasons that were chosen; of what lapsed: the code of what refused it';
