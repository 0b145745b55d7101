CREATE TABLE orchestration.message (
  tenant_id      uuid        NOT NULL DEFAULT platform.current_tenant(),
  id             uuid        NOT NULL,
  application_id uuid        NOT NULL,
  side           text        NOT NULL CHECK (side IN ('citizen', 'office')),
  author_id      uuid,
  words          bytea       NOT NULL,
  files          bytea,
  at             timestamptz NOT NULL,
  read_at        timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT message_application_fkey FOREIGN KEY (tenant_id, application_id) REFERENCES orchestration.application (tenant_id, id)
);
COMMENT ON TABLE orchestration.message IS 'What the citizen and the office wrote to each other about an application, as the office has it';
COMMENT ON COLUMN orchestration.message.side IS 'Who wrote';
COMMENT ON COLUMN orchestration.message.author_id IS 'The account of staff that wrote; empty for the citizen';
COMMENT ON COLUMN orchestration.message.words IS 'Sealed under the person''s key';
COMMENT ON COLUMN orchestration.message.files IS 'Sealed: ids, names, types and sizes of the documents that go with it';
COMMENT ON COLUMN orchestration.message.read_at IS 'When the other side had read it, on this side''s clock; empty until then';
CREATE INDEX message_application_idx ON orchestration.message (tenant_id, application_id, at);
SELECT platform.protect('orchestration.message');
