ALTER TABLE workflow.instance DROP CONSTRAINT instance_kind_check,
  ADD CONSTRAINT instance_kind_check CHECK (kind IN ('work', 'payment', 'citizen', 'field', 'parallel', 'end')),
  ADD COLUMN fired text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN workflow.instance.kind IS 'Who acts in this state: work and field: staff; payment and citizen: the clock pauses; parallel: its branches go on; end: nobody';
COMMENT ON COLUMN workflow.instance.fired IS 'Escalations of the present stay that were';

ALTER TABLE workflow.transition DROP CONSTRAINT transition_cause_check,
  ADD CONSTRAINT transition_cause_check CHECK (cause IN ('start', 'staff', 'citizen', 'signal', 'escalation')),
  ADD COLUMN branch text NOT NULL DEFAULT '',
  ADD COLUMN reasons text[] NOT NULL DEFAULT '{}',
  ADD COLUMN findings bytea,
  ADD COLUMN because bytea;
COMMENT ON COLUMN workflow.transition.cause IS 'staff: somebody acted; citizen: the person withdrew, appealed or asked for it to be taken up again; signal: money came, answers came, a timer rang, a condition became true; escalation: a state lasted too long';
COMMENT ON COLUMN workflow.transition.branch IS 'The branch that moved; empty: the case itself';
COMMENT ON COLUMN workflow.transition.reasons IS 'Coded reasons that were chosen';
COMMENT ON COLUMN workflow.transition.findings IS 'Sealed: what the officer found out and attached';
COMMENT ON COLUMN workflow.transition.because IS 'Sealed: the decisions of rules that allowed the move, with what they saw';
GRANT UPDATE (findings, because) ON workflow.transition TO digit_app; -- under another key they say the same

CREATE TABLE workflow.branch (
  tenant_id    uuid        NOT NULL DEFAULT platform.current_tenant(),
  id           uuid        NOT NULL,
  instance_id  uuid        NOT NULL,
  code         text        NOT NULL,
  agency       text        NOT NULL,
  state        text        NOT NULL,
  kind         text        NOT NULL CHECK (kind IN ('work', 'field', 'done')),
  role         text        NOT NULL,
  assignee     uuid,
  claimed_at   timestamptz,
  rev          bigint      NOT NULL CHECK (rev > 0),
  entered_at   timestamptz NOT NULL,
  state_due_at timestamptz,
  due_key      timestamptz NOT NULL,
  fired        text[]      NOT NULL DEFAULT '{}',
  outcome      text        NOT NULL DEFAULT '',
  closed       boolean     NOT NULL DEFAULT false,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT branch_instance_fkey FOREIGN KEY (tenant_id, instance_id) REFERENCES workflow.instance (tenant_id, id),
  CONSTRAINT branch_claim_check CHECK ((assignee IS NULL) = (claimed_at IS NULL)),
  CONSTRAINT branch_done_check CHECK ((kind = 'done') = (outcome <> '') AND (assignee IS NULL OR kind <> 'done' AND NOT closed))
);
COMMENT ON TABLE workflow.branch IS 'The branches of the parallel state that a case is in or was in last. The lock on the case guards them';
COMMENT ON COLUMN workflow.branch.role IS 'Role that may act in its state; empty where it is done';
COMMENT ON COLUMN workflow.branch.rev IS 'The case''s rev when the branch changed last: who acts on an older one is told what happened meanwhile';
COMMENT ON COLUMN workflow.branch.due_key IS 'The earlier of the state''s target and the case''s promise, for sorting: the year 9999 where there is none';
COMMENT ON COLUMN workflow.branch.fired IS 'Escalations of the present stay that were';
COMMENT ON COLUMN workflow.branch.outcome IS 'That of the state in which it was done; rules read it';
COMMENT ON COLUMN workflow.branch.closed IS 'The case has left the parallel state: nothing is done here any more';
CREATE UNIQUE INDEX branch_instance_key ON workflow.branch (tenant_id, instance_id, code);
CREATE INDEX branch_open_idx ON workflow.branch (tenant_id, agency, role, due_key, id) WHERE kind <> 'done' AND NOT closed;
CREATE INDEX branch_mine_idx ON workflow.branch (tenant_id, assignee, due_key, id) WHERE assignee IS NOT NULL;
SELECT platform.protect('workflow.branch');

CREATE TABLE workflow.rota (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  agency     text        NOT NULL,
  service    text        NOT NULL,
  state      text        NOT NULL,
  account_id uuid,
  at         timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, agency, service, state)
);
COMMENT ON TABLE workflow.rota IS 'Whose turn it was last where the work of a state goes round; who assigns locks the row, so that two at once do not choose the same';
SELECT platform.protect('workflow.rota');
