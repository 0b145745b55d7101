CREATE SCHEMA performance;
GRANT USAGE ON SCHEMA performance TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA performance GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE performance.clock (
  tenant_id       uuid        NOT NULL DEFAULT platform.current_tenant(),
  case_id         uuid        NOT NULL,
  agency          text        NOT NULL,
  service         text        NOT NULL,
  boundary        text        NOT NULL,
  received_at     timestamptz,
  due_at          timestamptz,
  paused          boolean     NOT NULL DEFAULT false,
  decided_at      timestamptz,
  outcome         text        NOT NULL DEFAULT '' CHECK (outcome IN ('', 'approved', 'rejected', 'withdrawn')),
  kept            boolean,
  working_seconds bigint      CHECK (working_seconds >= 0),
  moved_at        timestamptz,
  moved_by        uuid,
  PRIMARY KEY (tenant_id, case_id),
  CONSTRAINT clock_decided_check CHECK ((decided_at IS NULL) = (outcome = '') AND (decided_at IS NULL) = (kept IS NULL)),
  CONSTRAINT clock_moved_check CHECK ((moved_at IS NULL) = (moved_by IS NULL))
);
COMMENT ON TABLE performance.clock IS 'One clock a case: what was promised, whether it runs, and whether the promise was kept';
COMMENT ON COLUMN performance.clock.received_at IS 'When the agency took the case in; null until that event has come, since events come in any order';
COMMENT ON COLUMN performance.clock.due_at IS 'The promised date as it stands now; null where nothing was promised';
COMMENT ON COLUMN performance.clock.paused IS 'The clock stands: the citizen is to act';
COMMENT ON COLUMN performance.clock.kept IS 'Decided within the promised time; null while open';
COMMENT ON COLUMN performance.clock.working_seconds IS 'Working time from receipt to decision, pauses not counted';
COMMENT ON COLUMN performance.clock.moved_by IS 'The event that due_at and paused are from; with moved_at it keeps an older event from overwriting a newer';
SELECT platform.protect('performance.clock');
CREATE INDEX clock_open_idx ON performance.clock (tenant_id, due_at, case_id) WHERE decided_at IS NULL;
CREATE INDEX clock_decided_idx ON performance.clock (tenant_id, decided_at) WHERE decided_at IS NOT NULL;
