CREATE TABLE analytics.decision (
  tenant_id       uuid        NOT NULL DEFAULT platform.current_tenant(),
  case_id         uuid        NOT NULL,
  agency          text        NOT NULL,
  day             date        NOT NULL,
  service         text        NOT NULL,
  boundary        text        NOT NULL,
  outcome         text        NOT NULL,
  kept            boolean     NOT NULL,
  working_seconds bigint      NOT NULL CHECK (working_seconds >= 0),
  decided_at      timestamptz NOT NULL,
  counted         boolean     NOT NULL,
  PRIMARY KEY (tenant_id, case_id)
);
COMMENT ON TABLE analytics.decision IS 'The last decision of a case as it was counted: a case that is opened anew and decided again counts once, by its last decision';
COMMENT ON COLUMN analytics.decision.day IS 'The day, in the tenant''s zone, on which it was counted';
COMMENT ON COLUMN analytics.decision.counted IS 'Whether it stands in the sums; not while the case is open again';
SELECT platform.protect('analytics.decision');
