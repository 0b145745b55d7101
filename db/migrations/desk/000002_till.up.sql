CREATE TABLE desk.till (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  agency text NOT NULL,
  office text NOT NULL,
  counter text NOT NULL CHECK (counter <> ''),
  operator_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('open', 'counted', 'closed')),
  currency char(3) NOT NULL,
  float_minor bigint NOT NULL CHECK (float_minor >= 0),
  opened_at timestamptz NOT NULL,
  counts jsonb NOT NULL DEFAULT '{}',
  counted_minor bigint NOT NULL DEFAULT 0,
  expected_minor bigint NOT NULL DEFAULT 0,
  reason text NOT NULL DEFAULT '',
  counted_at timestamptz,
  closed_by uuid,
  closed_at timestamptz,
  slip text NOT NULL DEFAULT '',
  deposit_minor bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT till_counted_check CHECK ((status = 'open') = (counted_at IS NULL)),
  CONSTRAINT till_closed_check CHECK ((status = 'closed') = (closed_at IS NOT NULL)),
  CONSTRAINT till_separate_check CHECK (closed_by <> operator_id),
  CONSTRAINT till_reason_check CHECK (counted_at IS NULL OR counted_minor = expected_minor OR reason <> '')
);
SELECT platform.protect('desk.till');
CREATE UNIQUE INDEX till_operator_key ON desk.till (tenant_id, operator_id) WHERE status <> 'closed';
CREATE UNIQUE INDEX till_counter_key ON desk.till (tenant_id, agency, office, counter) WHERE status <> 'closed';
CREATE INDEX till_office_idx ON desk.till (tenant_id, agency, office, id DESC);
COMMENT ON TABLE desk.till IS 'Till sessions: one operator at one counter with one drawer, until a supervisor has approved the close';
COMMENT ON COLUMN desk.till.counts IS 'How many of each note and coin were counted, by its worth in minor units';
COMMENT ON COLUMN desk.till.expected_minor IS 'The cash that the ledger said when it was counted';
COMMENT ON COLUMN desk.till.slip IS 'Number of the bank deposit slip';
COMMENT ON COLUMN desk.till.deposit_minor IS 'What the slip is over: cash, cheques and cards';
