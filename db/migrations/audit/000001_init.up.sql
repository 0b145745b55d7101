CREATE SCHEMA audit;
COMMENT ON SCHEMA audit IS 'Who did what, append only and chained by hashes';
GRANT USAGE ON SCHEMA audit TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA audit GRANT SELECT, INSERT ON TABLES TO digit_app;

CREATE TABLE audit.entry (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  actor_id uuid,
  actor_kind text NOT NULL,
  on_behalf_id uuid,
  session_id uuid,
  ip text NOT NULL,
  request text NOT NULL,
  action text NOT NULL,
  object text NOT NULL,
  object_id uuid,
  person_id uuid,
  reason text NOT NULL,
  detail text NOT NULL,
  leaf bytea NOT NULL,
  CONSTRAINT entry_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT entry_detail_check CHECK (jsonb_typeof(detail::jsonb) = 'object'),
  CONSTRAINT entry_leaf_check CHECK (octet_length(leaf) = 32)
);
COMMENT ON TABLE audit.entry IS 'One act. Written by the transaction that acted, changed by nobody';
COMMENT ON COLUMN audit.entry.at IS 'When it happened, on the tenant''s clock';
COMMENT ON COLUMN audit.entry.recorded_at IS 'When it happened, on the machine''s clock';
COMMENT ON COLUMN audit.entry.ip IS 'Where the actor was; kept here and nowhere else';
COMMENT ON COLUMN audit.entry.person_id IS 'Whose data it was about';
COMMENT ON COLUMN audit.entry.detail IS 'Ids, codes and numbers as JSON; text, not jsonb, because the leaf is taken over these very bytes';
COMMENT ON COLUMN audit.entry.leaf IS 'SHA-256 over the canonical content of this row';
CREATE INDEX entry_recorded_at_idx ON audit.entry (tenant_id, recorded_at);
CREATE INDEX entry_at_idx ON audit.entry (tenant_id, at);
CREATE INDEX entry_object_idx ON audit.entry (tenant_id, object_id, id);
CREATE INDEX entry_actor_idx ON audit.entry (tenant_id, actor_id, id);
CREATE INDEX entry_person_idx ON audit.entry (tenant_id, person_id, id);
CREATE INDEX entry_action_idx ON audit.entry (tenant_id, action, id);
SELECT platform.protect('audit.entry');

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
COMMENT ON COLUMN audit.link.seq IS '1, 2, 3 … without a gap';
COMMENT ON COLUMN audit.link.prev IS 'Hash of the link before; zeros for the first';
COMMENT ON COLUMN audit.link.sealed_at IS 'Machine''s clock';
SELECT platform.protect('audit.link');

-- Grants stop the application; this stops the owner and whoever else comes by mistake.
CREATE FUNCTION audit.refuse() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION 'audit records are never changed' USING ERRCODE = 'insufficient_privilege';
END
$$;
COMMENT ON FUNCTION audit.refuse() IS 'Refuses every change of an audit record';
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE ON audit.entry FOR EACH ROW EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER entry_no_truncate BEFORE TRUNCATE ON audit.entry FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER link_append_only BEFORE UPDATE OR DELETE ON audit.link FOR EACH ROW EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER link_no_truncate BEFORE TRUNCATE ON audit.link FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
