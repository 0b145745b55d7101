CREATE SCHEMA registry;
GRANT USAGE ON SCHEMA registry TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA registry GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE registry.record (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  id         uuid        NOT NULL,
  register   text        NOT NULL,
  key        text        NOT NULL,
  holder_id  uuid        NOT NULL,
  version    int         NOT NULL CHECK (version >= 0),
  data       bytea       NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE registry.record IS 'Entries of registers in their newest version';
COMMENT ON COLUMN registry.record.key IS 'The entry''s number in its register, such as a certificate''s; no personal data';
COMMENT ON COLUMN registry.record.version IS 'Of the data here; 0 only within the transaction that makes the entry';
COMMENT ON COLUMN registry.record.data IS 'Sealed under the holder''s key';
CREATE UNIQUE INDEX record_register_key_key ON registry.record (tenant_id, register, key);
CREATE INDEX record_register_idx ON registry.record (tenant_id, register, id);
SELECT platform.protect('registry.record');

CREATE TABLE registry.version (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  record_id  uuid        NOT NULL,
  version    int         NOT NULL,
  holder_id  uuid        NOT NULL,
  data       bytea       NOT NULL,
  source     text        NOT NULL,
  source_id  uuid        NOT NULL,
  written_by uuid        NOT NULL,
  written_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, record_id, version),
  CONSTRAINT version_record_fkey FOREIGN KEY (tenant_id, record_id) REFERENCES registry.record (tenant_id, id)
);
COMMENT ON TABLE registry.version IS 'Every version of every entry, with what it was written from';
COMMENT ON COLUMN registry.version.data IS 'Sealed under the key of this version''s holder';
CREATE UNIQUE INDEX version_source_key ON registry.version (tenant_id, source, source_id);
SELECT platform.protect('registry.version');
