-- Back to the chain. What is there is kept, without the addresses, and outside of any chain: its leaves are of the log.
DROP TABLE audit.export, audit.verification, audit.delivery, audit.sink, audit.checkpoint, audit.chain, audit.sequence;
DROP TRIGGER entry_erase_only ON audit.entry;
DROP TRIGGER entry_append_only ON audit.entry;
DROP FUNCTION audit.erase_only();
REVOKE UPDATE ON audit.entry FROM digit_app;
DROP INDEX audit.entry_on_behalf_idx;
ALTER TABLE audit.entry ADD COLUMN ip text NOT NULL DEFAULT '';
ALTER TABLE audit.entry DROP COLUMN kind, DROP COLUMN purpose, DROP COLUMN network, DROP COLUMN origin, DROP COLUMN salt, DROP COLUMN erased;
ALTER TABLE audit.entry ALTER COLUMN ip DROP DEFAULT;
CREATE TABLE audit.link (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  seq bigint NOT NULL,
  entry_id uuid NOT NULL,
  prev bytea NOT NULL,
  hash bytea NOT NULL,
  sealed_at timestamptz NOT NULL,
  CONSTRAINT link_pkey PRIMARY KEY (tenant_id, seq),
  CONSTRAINT link_entry_key UNIQUE (tenant_id, entry_id),
  CONSTRAINT link_entry_id_fkey FOREIGN KEY (tenant_id, entry_id) REFERENCES audit.entry (tenant_id, id),
  CONSTRAINT link_seq_check CHECK (seq > 0),
  CONSTRAINT link_hash_check CHECK (octet_length(prev) = 32 AND octet_length(hash) = 32)
);
COMMENT ON TABLE audit.link IS 'The chain over the entries: each hash covers the one before, so that nothing is altered, removed or reordered unnoticed';
SELECT platform.protect('audit.link');
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE ON audit.entry FOR EACH ROW EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER link_append_only BEFORE UPDATE OR DELETE ON audit.link FOR EACH ROW EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER link_no_truncate BEFORE TRUNCATE ON audit.link FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
