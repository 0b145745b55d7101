CREATE SCHEMA request;
GRANT USAGE ON SCHEMA request TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA request GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE request.request (
  tenant_id       uuid        NOT NULL DEFAULT platform.current_tenant(),
  id              uuid        NOT NULL,
  person_id       uuid        NOT NULL,
  service         text        NOT NULL,
  version         int         NOT NULL,
  lang            text        NOT NULL,
  status          text        NOT NULL CHECK (status IN ('draft', 'submitted', 'correction', 'closed', 'discarded')),
  reference       text,
  answers         bytea       NOT NULL,
  last_page       text        NOT NULL DEFAULT '',
  items           text[]      NOT NULL DEFAULT '{}',
  note            bytea,
  state           text        NOT NULL DEFAULT '',
  state_name      jsonb       NOT NULL DEFAULT '{}',
  state_text      jsonb       NOT NULL DEFAULT '{}',
  outcome         text        NOT NULL DEFAULT '',
  promised_at     timestamptz,
  demand_id       uuid,
  demand_minor    bigint      NOT NULL DEFAULT 0,
  demand_currency char(3)     NOT NULL DEFAULT 'XXX',
  receipt         text        NOT NULL DEFAULT '',
  certificate_id  uuid,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  submitted_at    timestamptz,
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE request.request IS 'A citizen''s service request, from draft to end, as the citizen sees it';
COMMENT ON COLUMN request.request.answers IS 'Sealed under the person''s key; of a draft nobody but the person may read them';
COMMENT ON COLUMN request.request.items IS 'Question codes the provider asked to correct; the others are locked meanwhile';
COMMENT ON COLUMN request.request.note IS 'Sealed: the officer''s words about the correction';
COMMENT ON COLUMN request.request.receipt IS 'Number of the receipt once the demand was paid';
CREATE INDEX request_person_idx ON request.request (tenant_id, person_id, id);
CREATE UNIQUE INDEX request_reference_key ON request.request (tenant_id, reference);
SELECT platform.protect('request.request');

CREATE TABLE request.entry (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  id         uuid        NOT NULL,
  request_id uuid        NOT NULL,
  kind       text        NOT NULL,
  name       jsonb       NOT NULL DEFAULT '{}',
  text       jsonb       NOT NULL DEFAULT '{}',
  note       bytea,
  detail     jsonb       NOT NULL DEFAULT '{}',
  at         timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT entry_request_fkey FOREIGN KEY (tenant_id, request_id) REFERENCES request.request (tenant_id, id)
);
COMMENT ON TABLE request.entry IS 'Timeline of a request: what happened, in the provider''s plain words';
COMMENT ON COLUMN request.entry.note IS 'Sealed: words written to this citizen';
COMMENT ON COLUMN request.entry.detail IS 'Numbers and references: receipt, certificate, amount';
CREATE INDEX entry_request_idx ON request.entry (tenant_id, request_id, id);
SELECT platform.protect('request.entry');
