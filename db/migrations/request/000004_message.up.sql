CREATE TABLE request.message (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  id         uuid        NOT NULL,
  request_id uuid        NOT NULL,
  side       text        NOT NULL CHECK (side IN ('citizen', 'office')),
  author_id  uuid,
  words      bytea       NOT NULL,
  files      bytea,
  at         timestamptz NOT NULL,
  read_at    timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT message_request_fkey FOREIGN KEY (tenant_id, request_id) REFERENCES request.request (tenant_id, id)
);
COMMENT ON TABLE request.message IS 'What the citizen and the office wrote to each other about a request, as the citizen''s side has it';
COMMENT ON COLUMN request.message.side IS 'Who wrote';
COMMENT ON COLUMN request.message.author_id IS 'The account that wrote for the citizen: theirs, or who acts for them; empty for the office';
COMMENT ON COLUMN request.message.words IS 'Sealed under the person''s key';
COMMENT ON COLUMN request.message.files IS 'Sealed: ids, names, types and sizes of the documents that go with it';
COMMENT ON COLUMN request.message.read_at IS 'When the other side had read it, on this side''s clock; empty until then';
CREATE INDEX message_request_idx ON request.message (tenant_id, request_id, at);
SELECT platform.protect('request.message');
