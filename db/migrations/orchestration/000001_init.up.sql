CREATE SCHEMA orchestration;
GRANT USAGE ON SCHEMA orchestration TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA orchestration GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE orchestration.application (
  tenant_id      uuid        NOT NULL DEFAULT platform.current_tenant(),
  id             uuid        NOT NULL,
  reference      text        NOT NULL,
  service        text        NOT NULL,
  version        integer     NOT NULL,
  agency         text        NOT NULL,
  boundary       text        NOT NULL,
  person_id      uuid        NOT NULL,
  name           bytea       NOT NULL,
  lang           text        NOT NULL,
  answers        bytea       NOT NULL,
  previous       bytea,
  corrected_at   timestamptz,
  asked          text[]      NOT NULL,
  submitted_at   timestamptz NOT NULL,
  received_at    timestamptz NOT NULL,
  promised_at    timestamptz,
  demand_id      uuid,
  receipt        text        NOT NULL,
  credential_id  uuid,
  certificate    text        NOT NULL,
  outcome        text        NOT NULL CHECK (outcome IN ('', 'approved', 'rejected', 'withdrawn')),
  decided_at     timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT application_decided_check CHECK ((outcome = '') = (decided_at IS NULL))
);
COMMENT ON TABLE orchestration.application IS 'Applications an agency has received. The id is the request''s; where it stands is workflow''s business';
COMMENT ON COLUMN orchestration.application.name IS 'Sealed under the person''s key';
COMMENT ON COLUMN orchestration.application.answers IS 'Sealed under the person''s key';
COMMENT ON COLUMN orchestration.application.previous IS 'Sealed: the answers before the last correction';
COMMENT ON COLUMN orchestration.application.asked IS 'Codes of the questions sent back to be corrected; empty when nothing is awaited';
COMMENT ON COLUMN orchestration.application.receipt IS 'Number of the receipt, once paid';
COMMENT ON COLUMN orchestration.application.certificate IS 'Number of the certificate, once issued';
CREATE UNIQUE INDEX application_reference_key ON orchestration.application (tenant_id, reference);
CREATE INDEX application_demand_idx ON orchestration.application (tenant_id, demand_id) WHERE demand_id IS NOT NULL;
SELECT platform.protect('orchestration.application');

CREATE TABLE orchestration.delivery (
  tenant_id    uuid        NOT NULL DEFAULT platform.current_tenant(),
  request_id   uuid        NOT NULL,
  kind         text        NOT NULL,
  submitted_at timestamptz NOT NULL,
  received_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, request_id, kind, submitted_at)
);
COMMENT ON TABLE orchestration.delivery IS 'Messages taken in, so that one that comes again has no effect';
SELECT platform.protect('orchestration.delivery');
REVOKE UPDATE, DELETE ON orchestration.delivery FROM digit_app;

CREATE TABLE orchestration.decision (
  tenant_id      uuid        NOT NULL DEFAULT platform.current_tenant(),
  application_id uuid        NOT NULL,
  outcome        text        NOT NULL CHECK (outcome IN ('approved', 'rejected', 'withdrawn')),
  action         text        NOT NULL,
  state          text        NOT NULL,
  decided_by     uuid,
  decided_at     timestamptz NOT NULL,
  reason         bytea,
  PRIMARY KEY (tenant_id, application_id),
  CONSTRAINT decision_application_fkey FOREIGN KEY (tenant_id, application_id) REFERENCES orchestration.application (tenant_id, id)
);
COMMENT ON TABLE orchestration.decision IS 'How an application ended, who decided it and why';
COMMENT ON COLUMN orchestration.decision.decided_by IS 'Account; empty where nobody of the agency decided (withdrawn by the citizen, or by a timer)';
COMMENT ON COLUMN orchestration.decision.reason IS 'Sealed under the person''s key';
SELECT platform.protect('orchestration.decision');
REVOKE UPDATE, DELETE ON orchestration.decision FROM digit_app;
