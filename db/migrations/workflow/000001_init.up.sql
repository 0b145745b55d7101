CREATE SCHEMA workflow;
GRANT USAGE ON SCHEMA workflow TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA workflow GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE workflow.instance (
  tenant_id       uuid        NOT NULL DEFAULT platform.current_tenant(),
  id              uuid        NOT NULL,
  reference       text        NOT NULL,
  service         text        NOT NULL,
  version         integer     NOT NULL,
  person_id       uuid        NOT NULL,
  agency          text        NOT NULL,
  boundary        text        NOT NULL,
  boundary_path   text[]      NOT NULL,
  state           text        NOT NULL,
  kind            text        NOT NULL CHECK (kind IN ('work', 'payment', 'citizen', 'field', 'end')),
  role            text        NOT NULL,
  assignee        uuid,
  claimed_at      timestamptz,
  rev             bigint      NOT NULL CHECK (rev > 0),
  started_at      timestamptz NOT NULL,
  entered_at      timestamptz NOT NULL,
  state_due_at    timestamptz,
  total_due_at    timestamptz,
  due_at          timestamptz GENERATED ALWAYS AS (LEAST(state_due_at, total_due_at)) STORED,
  due_key         timestamptz NOT NULL GENERATED ALWAYS AS (COALESCE(LEAST(state_due_at, total_due_at), '9999-01-01 00:00:00+00'::timestamptz)) STORED,
  warned          boolean     NOT NULL DEFAULT false,
  overdue         boolean     NOT NULL DEFAULT false,
  paused_at       timestamptz,
  paused_seconds  bigint      NOT NULL DEFAULT 0 CHECK (paused_seconds >= 0),
  ended_at        timestamptz,
  outcome         text        NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT instance_claim_check CHECK ((assignee IS NULL) = (claimed_at IS NULL)),
  CONSTRAINT instance_end_check CHECK ((kind = 'end') = (ended_at IS NOT NULL) AND (ended_at IS NULL OR assignee IS NULL))
);
COMMENT ON TABLE workflow.instance IS 'Running and ended cases: where each stands, who has it, and until when it is promised';
COMMENT ON COLUMN workflow.instance.id IS 'The application''s id';
COMMENT ON COLUMN workflow.instance.kind IS 'Who acts in this state: work and field: staff; payment and citizen: the clock pauses; end: nobody';
COMMENT ON COLUMN workflow.instance.role IS 'Role that may act in this state; empty where staff has nothing to do';
COMMENT ON COLUMN workflow.instance.boundary_path IS 'The boundary and all above it, for jurisdiction';
COMMENT ON COLUMN workflow.instance.rev IS 'Grows by one with each change; who acts on an older one is told what happened meanwhile';
COMMENT ON COLUMN workflow.instance.state_due_at IS 'Until when this state should be left';
COMMENT ON COLUMN workflow.instance.total_due_at IS 'Until when the case should be decided: the promise. Moves by the working time of pauses';
COMMENT ON COLUMN workflow.instance.warned IS 'The share of the promised time after which a case counts as near due has gone';
COMMENT ON COLUMN workflow.instance.overdue IS 'The promise has passed';
COMMENT ON COLUMN workflow.instance.due_key IS 'due_at for sorting: the year 9999 where there is none';
COMMENT ON COLUMN workflow.instance.paused_seconds IS 'Working time of all pauses that are over';
CREATE INDEX instance_open_idx ON workflow.instance (tenant_id, agency, role, due_key, id) WHERE kind IN ('work', 'field');
CREATE INDEX instance_mine_idx ON workflow.instance (tenant_id, assignee, due_key, id) WHERE assignee IS NOT NULL;
CREATE INDEX instance_reference_idx ON workflow.instance (tenant_id, reference COLLATE "C");
SELECT platform.protect('workflow.instance');

CREATE TABLE workflow.transition (
  tenant_id   uuid        NOT NULL DEFAULT platform.current_tenant(),
  instance_id uuid        NOT NULL,
  rev         bigint      NOT NULL,
  action      text        NOT NULL,
  cause       text        NOT NULL CHECK (cause IN ('start', 'staff', 'signal')),
  from_state  text        NOT NULL,
  to_state    text        NOT NULL,
  kind        text        NOT NULL,
  actor_id    uuid,
  role        text        NOT NULL,
  comment     bytea,
  checklist   text[]      NOT NULL,
  at          timestamptz NOT NULL,
  working     bigint      NOT NULL CHECK (working >= 0),
  calendar    bigint      NOT NULL CHECK (calendar >= 0),
  PRIMARY KEY (tenant_id, instance_id, rev),
  CONSTRAINT transition_instance_fkey FOREIGN KEY (tenant_id, instance_id) REFERENCES workflow.instance (tenant_id, id)
);
COMMENT ON TABLE workflow.transition IS 'History: each move of a case. Rows are only added';
COMMENT ON COLUMN workflow.transition.rev IS 'The case''s rev after the move';
COMMENT ON COLUMN workflow.transition.cause IS 'staff: somebody acted; signal: money came, the citizen answered, a timer rang';
COMMENT ON COLUMN workflow.transition.kind IS 'Kind of the state moved to';
COMMENT ON COLUMN workflow.transition.role IS 'Role in which the actor acted; empty for signals';
COMMENT ON COLUMN workflow.transition.comment IS 'Sealed under the key of the person whose case it is';
COMMENT ON COLUMN workflow.transition.working IS 'Working time spent in from_state, seconds';
COMMENT ON COLUMN workflow.transition.calendar IS 'Time spent in from_state, seconds';
CREATE INDEX transition_actor_idx ON workflow.transition (tenant_id, actor_id, at DESC, instance_id) WHERE actor_id IS NOT NULL;
SELECT platform.protect('workflow.transition');
REVOKE UPDATE, DELETE ON workflow.transition FROM digit_app;
