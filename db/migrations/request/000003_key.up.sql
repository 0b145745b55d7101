CREATE TABLE request.key (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  id         uuid        NOT NULL,
  person_id  uuid        NOT NULL,
  key        bytea       NOT NULL,
  body       bytea       NOT NULL,
  request_id uuid        NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT key_request_fkey FOREIGN KEY (tenant_id, request_id) REFERENCES request.request (tenant_id, id)
);
COMMENT ON TABLE request.key IS 'Idempotency keys: what a program has sent already, so that sending it again makes no second request';
COMMENT ON COLUMN request.key.key IS 'Blind index of the key, which the program chose and which may tell something of the person';
COMMENT ON COLUMN request.key.body IS 'Sealed under the person''s key: SHA-256 of the body that came with the key, and the key itself, from which its index is made anew';
CREATE UNIQUE INDEX key_person_key ON request.key (tenant_id, person_id, key);
CREATE INDEX key_request_idx ON request.key (tenant_id, request_id);
SELECT platform.protect('request.key');
