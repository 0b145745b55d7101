CREATE TABLE orchestration.reveal (
  tenant_id      uuid        NOT NULL DEFAULT platform.current_tenant(),
  id             uuid        NOT NULL,
  application_id uuid        NOT NULL,
  question       text        NOT NULL,
  actor_id       uuid        NOT NULL,
  reason         bytea       NOT NULL,
  revealed_at    timestamptz NOT NULL,
  until          timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT reveal_application_fkey FOREIGN KEY (tenant_id, application_id) REFERENCES orchestration.application (tenant_id, id)
);
COMMENT ON TABLE orchestration.reveal IS 'Answers of a special kind that somebody had shown to them for a reason. Rows stay for the record';
COMMENT ON COLUMN orchestration.reveal.reason IS 'In the officer''s words, sealed under the person''s key';
COMMENT ON COLUMN orchestration.reveal.until IS 'Until when they are shown it, on the tenant''s clock';
CREATE INDEX reveal_application_idx ON orchestration.reveal (tenant_id, application_id, actor_id);
SELECT platform.protect('orchestration.reveal');
REVOKE UPDATE, DELETE ON orchestration.reveal FROM digit_app;
