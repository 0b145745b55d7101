ALTER TABLE orchestration.decision ADD COLUMN round integer NOT NULL DEFAULT 1 CHECK (round > 0);
ALTER TABLE orchestration.decision DROP CONSTRAINT decision_pkey, ADD CONSTRAINT decision_pkey PRIMARY KEY (tenant_id, application_id, round);
ALTER TABLE orchestration.decision ADD COLUMN reasons text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN orchestration.decision.round IS 'Which decision of the application: one that was taken up again or appealed against is decided anew, and the one before stays';
COMMENT ON COLUMN orchestration.decision.reasons IS 'Coded reasons that were chosen';

CREATE TABLE orchestration.charge (
  tenant_id      uuid        NOT NULL DEFAULT platform.current_tenant(),
  id             uuid        NOT NULL,
  application_id uuid        NOT NULL,
  demand_id      uuid        NOT NULL,
  lines          jsonb       NOT NULL,
  minor          bigint      NOT NULL CHECK (minor > 0),
  status         text        NOT NULL CHECK (status IN ('open', 'paid', 'cancelled')),
  receipt        text        NOT NULL DEFAULT '',
  raised_at      timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT charge_application_fkey FOREIGN KEY (tenant_id, application_id) REFERENCES orchestration.application (tenant_id, id),
  CONSTRAINT charge_paid_check CHECK ((status = 'paid') = (receipt <> ''))
);
COMMENT ON TABLE orchestration.charge IS 'What was demanded for an application, one row a demand: later ones are for the difference';
COMMENT ON COLUMN orchestration.charge.demand_id IS 'The demand in payment';
COMMENT ON COLUMN orchestration.charge.lines IS 'Minor units by fee; negative where a rebate grew or a fee fell';
CREATE INDEX charge_application_idx ON orchestration.charge (tenant_id, application_id, raised_at);
CREATE UNIQUE INDEX charge_demand_key ON orchestration.charge (tenant_id, demand_id);
SELECT platform.protect('orchestration.charge');

CREATE TABLE orchestration.version (
  tenant_id      uuid        NOT NULL DEFAULT platform.current_tenant(),
  application_id uuid        NOT NULL,
  no             integer     NOT NULL CHECK (no > 0),
  answers        bytea       NOT NULL,
  items          text[]      NOT NULL,
  until          timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, application_id, no),
  CONSTRAINT version_application_fkey FOREIGN KEY (tenant_id, application_id) REFERENCES orchestration.application (tenant_id, id)
);
COMMENT ON TABLE orchestration.version IS 'The answers of an application as they were before each correction, the first first';
COMMENT ON COLUMN orchestration.version.answers IS 'Sealed under the person''s key, as they stood in the application';
COMMENT ON COLUMN orchestration.version.items IS 'The questions that were to be corrected';
COMMENT ON COLUMN orchestration.version.until IS 'When the correction came';
SELECT platform.protect('orchestration.version');
REVOKE UPDATE, DELETE ON orchestration.version FROM digit_app;
GRANT UPDATE (answers) ON orchestration.version TO digit_app; -- under another key they say the same
