CREATE SCHEMA wallet;
GRANT USAGE ON SCHEMA wallet TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA wallet GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE wallet.item (
  tenant_id     uuid        NOT NULL DEFAULT platform.current_tenant(),
  id            uuid        NOT NULL,
  person_id     uuid        NOT NULL,
  credential_id uuid        NOT NULL,
  number        text        NOT NULL,
  type          text        NOT NULL,
  title         jsonb       NOT NULL,
  agency        text        NOT NULL,
  status        text        NOT NULL CHECK (status IN ('valid', 'suspended', 'revoked')),
  issued_at     timestamptz NOT NULL,
  expires_at    timestamptz,
  hidden_at     timestamptz,
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE wallet.item IS 'Credentials that a person holds; what they say stays with the credential';
CREATE UNIQUE INDEX item_credential_key ON wallet.item (tenant_id, credential_id);
CREATE INDEX item_person_idx ON wallet.item (tenant_id, person_id, id);
SELECT platform.protect('wallet.item');

CREATE TABLE wallet.share (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  id         uuid        NOT NULL,
  item_id    uuid        NOT NULL,
  token_hash bytea       NOT NULL,
  claims     text[]      NOT NULL,
  purpose    bytea       NOT NULL,
  created_at timestamptz NOT NULL,
  until      timestamptz NOT NULL,
  ended_at   timestamptz,
  views      int         NOT NULL DEFAULT 0,
  viewed_at  timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT share_item_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES wallet.item (tenant_id, id)
);
COMMENT ON TABLE wallet.share IS 'Consents: which claims of a credential a person lets the holder of a link see, and until when';
COMMENT ON COLUMN wallet.share.token_hash IS 'SHA-256 of the link''s secret, which is shown once';
COMMENT ON COLUMN wallet.share.purpose IS 'Sealed: for whom and what, in the person''s words';
CREATE UNIQUE INDEX share_token_key ON wallet.share (tenant_id, token_hash);
CREATE INDEX share_item_idx ON wallet.share (tenant_id, item_id, id);
SELECT platform.protect('wallet.share');
