-- The chain of hashes becomes a Merkle log (RFC 6962). What leads to somebody is committed to part by part, so that it can
-- be erased; the address an act came from is cut to its network, the whole of it sealed. Rows that are there are brought
-- into the new form and numbered in the order of the chain, whose end is kept for the first checkpoint.
COMMENT ON SCHEMA audit IS 'Who did and saw what, append only, as leaves of a Merkle log';
ALTER TABLE audit.entry NO FORCE ROW LEVEL SECURITY;
ALTER TABLE audit.link NO FORCE ROW LEVEL SECURITY;
ALTER TABLE audit.entry DISABLE TRIGGER entry_append_only;

CREATE FUNCTION audit.network_of(ip text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN network(set_masklen(ip::inet, CASE family(ip::inet) WHEN 4 THEN 24 ELSE 48 END))::text;
EXCEPTION WHEN others THEN
  RETURN '';
END
$$;

ALTER TABLE audit.entry
  ADD COLUMN kind text NOT NULL DEFAULT 'change',
  ADD COLUMN purpose text NOT NULL DEFAULT '',
  ADD COLUMN network text NOT NULL DEFAULT '',
  ADD COLUMN origin bytea,
  ADD COLUMN salt bytea,
  ADD COLUMN erased text;
UPDATE audit.entry SET network = audit.network_of(ip), salt = uuid_send(gen_random_uuid()),
  kind = CASE WHEN action IN ('orchestration.read', 'orchestration.list', 'registry.read', 'wallet.shown') THEN 'read' ELSE 'change' END;
ALTER TABLE audit.entry DROP COLUMN ip;
DROP FUNCTION audit.network_of(text);

CREATE FUNCTION audit.part(b bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT convert_to(octet_length(b) || ':', 'UTF8') || b || '\x2c'::bytea $$;
CREATE FUNCTION audit.word(t text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT audit.part(convert_to(t, 'UTF8')) $$;
CREATE FUNCTION audit.micros(t timestamptz) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT audit.word((extract(epoch FROM t) * 1000000)::bigint::text) $$;
CREATE FUNCTION audit.derived(salt bytea, name text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT substring(sha256(salt || convert_to(name, 'UTF8')) FOR 16) $$;
CREATE FUNCTION audit.committed(salt bytea, name text, value bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT audit.part(sha256(audit.derived(salt, name) || coalesce(value, ''::bytea))) $$;
CREATE FUNCTION audit.leaf_of(e audit.entry) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256('\x00'::bytea || audit.derived(e.salt, 'entry')
    || audit.word('digit audit entry 1') || audit.word(e.tenant_id::text) || audit.word(e.id::text) || audit.micros(e.at) || audit.micros(e.recorded_at)
    || audit.word(e.kind) || audit.word(e.actor_kind) || audit.word(e.action) || audit.word(e.object) || audit.word(e.reason)
    || audit.word(e.purpose) || audit.word(e.request) || audit.word(e.detail)
    || audit.committed(e.salt, 'actor', uuid_send(e.actor_id)) || audit.committed(e.salt, 'on_behalf', uuid_send(e.on_behalf_id))
    || audit.committed(e.salt, 'session', uuid_send(e.session_id)) || audit.committed(e.salt, 'network', convert_to(e.network, 'UTF8'))
    || audit.committed(e.salt, 'origin', e.origin) || audit.committed(e.salt, 'object', uuid_send(e.object_id))
    || audit.committed(e.salt, 'person', uuid_send(e.person_id)))
$$;
UPDATE audit.entry e SET leaf = audit.leaf_of(e);

ALTER TABLE audit.entry
  ALTER COLUMN kind DROP DEFAULT, ALTER COLUMN purpose DROP DEFAULT, ALTER COLUMN network DROP DEFAULT,
  ADD CONSTRAINT entry_kind_check CHECK (kind IN ('change', 'read')),
  ADD CONSTRAINT entry_salt_check CHECK (octet_length(salt) = 16),
  ADD CONSTRAINT entry_erased_check CHECK ((salt IS NULL) = (erased IS NOT NULL));
COMMENT ON TABLE audit.entry IS 'One act or look. Written by the transaction that acted; nobody changes it but to erase what leads to a person';
COMMENT ON COLUMN audit.entry.kind IS 'change, or read of personal data';
COMMENT ON COLUMN audit.entry.purpose IS 'Why, as a code: the surface or the case it was done for';
COMMENT ON COLUMN audit.entry.network IS 'Network the actor was in: the first 24 bits of an IPv4 address, 48 of an IPv6 one; empty where unknown or erased';
COMMENT ON COLUMN audit.entry.origin IS 'The whole address, sealed with the tenant''s key for records';
COMMENT ON COLUMN audit.entry.salt IS 'Random; the salts of the parts are derived from it. Gone once a part was erased';
COMMENT ON COLUMN audit.entry.erased IS 'What remains of the salts once parts were erased, the commitments to those, and the entries that erased them, as JSON in one form alone';
COMMENT ON COLUMN audit.entry.leaf IS 'Leaf of the log: SHA-256 over a zero byte, a salt and the content, in which a commitment stands for what can be erased';
CREATE INDEX entry_on_behalf_idx ON audit.entry (tenant_id, on_behalf_id, id);

CREATE TABLE audit.sequence (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  seq bigint NOT NULL,
  entry_id uuid NOT NULL,
  sequenced_at timestamptz NOT NULL,
  hashes bytea NOT NULL,
  digest bytea NOT NULL,
  CONSTRAINT sequence_pkey PRIMARY KEY (tenant_id, seq),
  CONSTRAINT sequence_entry_key UNIQUE (tenant_id, entry_id),
  CONSTRAINT sequence_entry_id_fkey FOREIGN KEY (tenant_id, entry_id) REFERENCES audit.entry (tenant_id, id),
  CONSTRAINT sequence_seq_check CHECK (seq >= 0),
  CONSTRAINT sequence_hashes_check CHECK (octet_length(hashes) >= 32 AND octet_length(hashes) % 32 = 0),
  CONSTRAINT sequence_digest_check CHECK (octet_length(digest) = 32)
);
COMMENT ON TABLE audit.sequence IS 'The log: which entry is its leaf number seq, and the tree''s hashes that this leaf completes';
COMMENT ON COLUMN audit.sequence.seq IS '0, 1, 2 … without a gap';
COMMENT ON COLUMN audit.sequence.sequenced_at IS 'Machine''s clock';
COMMENT ON COLUMN audit.sequence.hashes IS 'The leaf and above it each subtree (RFC 6962) whose last leaf this is, 32 bytes each';
COMMENT ON COLUMN audit.sequence.digest IS 'SHA-256 over this row, which tells a row that was touched or moved from its neighbours';
SELECT platform.protect('audit.sequence');

CREATE TABLE audit.chain (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  links bigint NOT NULL,
  head bytea NOT NULL,
  CONSTRAINT chain_pkey PRIMARY KEY (tenant_id)
);
COMMENT ON TABLE audit.chain IS 'Where the chain ended that was kept before the log; the first checkpoint repeats it';
SELECT platform.protect('audit.chain');

-- The entries that the chain had, in its order.
ALTER TABLE audit.sequence NO FORCE ROW LEVEL SECURITY;
ALTER TABLE audit.chain NO FORCE ROW LEVEL SECURITY;
DO $$
DECLARE
  of_tenant uuid := NULL;
  n bigint;
  link record;
  h bytea;
  hashes bytea;
  i bigint;
  level int;
  left_of bytea[];
BEGIN
  FOR link IN SELECT l.tenant_id, l.entry_id, l.sealed_at, e.leaf FROM audit.link l JOIN audit.entry e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
    ORDER BY l.tenant_id, l.seq
  LOOP
    IF of_tenant IS DISTINCT FROM link.tenant_id THEN
      of_tenant := link.tenant_id;
      n := 0;
      left_of := '{}';
    END IF;
    h := link.leaf;
    hashes := h;
    i := n;
    level := 1;
    WHILE i % 2 = 1 LOOP
      h := sha256('\x01'::bytea || left_of[level] || h);
      hashes := hashes || h;
      i := i / 2;
      level := level + 1;
    END LOOP;
    left_of[level] := h;
    INSERT INTO audit.sequence (tenant_id, seq, entry_id, sequenced_at, hashes, digest) VALUES (link.tenant_id, n, link.entry_id, link.sealed_at, hashes,
      sha256('\x03'::bytea || int8send(n) || uuid_send(link.entry_id) || int8send((extract(epoch FROM link.sealed_at) * 1000000)::bigint) || hashes));
    n := n + 1;
  END LOOP;
END
$$;
INSERT INTO audit.chain (tenant_id, links, head)
SELECT DISTINCT ON (tenant_id) tenant_id, seq, hash FROM audit.link ORDER BY tenant_id, seq DESC;
DROP TABLE audit.link;
DROP FUNCTION audit.leaf_of(audit.entry);
DROP FUNCTION audit.committed(bytea, text, bytea);
DROP FUNCTION audit.derived(bytea, text);
DROP FUNCTION audit.micros(timestamptz);
DROP FUNCTION audit.word(text);
DROP FUNCTION audit.part(bytea);
ALTER TABLE audit.entry FORCE ROW LEVEL SECURITY;
ALTER TABLE audit.sequence FORCE ROW LEVEL SECURITY;
ALTER TABLE audit.chain FORCE ROW LEVEL SECURITY;

CREATE TABLE audit.checkpoint (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  size bigint NOT NULL,
  root bytea NOT NULL,
  note text NOT NULL,
  signed_at timestamptz NOT NULL,
  CONSTRAINT checkpoint_pkey PRIMARY KEY (tenant_id, size),
  CONSTRAINT checkpoint_size_check CHECK (size > 0),
  CONSTRAINT checkpoint_root_check CHECK (octet_length(root) = 32)
);
COMMENT ON TABLE audit.checkpoint IS 'Signed statements of the log''s size and root (c2sp.org/tlog-checkpoint)';
COMMENT ON COLUMN audit.checkpoint.note IS 'The signed note, as it is sent outside';
COMMENT ON COLUMN audit.checkpoint.signed_at IS 'Machine''s clock';
SELECT platform.protect('audit.checkpoint');

CREATE TABLE audit.sink (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  kind text NOT NULL,
  address bytea NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT sink_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT sink_kind_check CHECK (kind IN ('email', 'https'))
);
COMMENT ON TABLE audit.sink IS 'Where a tenant has its checkpoints sent, beside the places that the operator names';
COMMENT ON COLUMN audit.sink.address IS 'E-mail address or URL, sealed with the tenant''s key';
SELECT platform.protect('audit.sink');
GRANT DELETE, UPDATE (address) ON audit.sink TO digit_app;

CREATE TABLE audit.delivery (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  sink text NOT NULL,
  size bigint NOT NULL,
  at timestamptz NOT NULL,
  failure text NOT NULL,
  CONSTRAINT delivery_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT delivery_size_fkey FOREIGN KEY (tenant_id, size) REFERENCES audit.checkpoint (tenant_id, size)
);
COMMENT ON TABLE audit.delivery IS 'Checkpoints sent outside, and those that could not be';
COMMENT ON COLUMN audit.delivery.sink IS 'File, URL or masked e-mail address';
COMMENT ON COLUMN audit.delivery.at IS 'Machine''s clock';
COMMENT ON COLUMN audit.delivery.failure IS 'Code of what went wrong; empty for what arrived';
CREATE INDEX delivery_size_idx ON audit.delivery (tenant_id, size);
CREATE INDEX delivery_sink_idx ON audit.delivery (tenant_id, sink, id);
SELECT platform.protect('audit.delivery');

CREATE TABLE audit.verification (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  quick boolean NOT NULL,
  state text NOT NULL DEFAULT 'running',
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  total bigint NOT NULL,
  rows bigint NOT NULL DEFAULT 0,
  report jsonb,
  CONSTRAINT verification_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT verification_state_check CHECK (state IN ('running', 'whole', 'broken', 'failed'))
);
COMMENT ON TABLE audit.verification IS 'Walks over the whole log, and what they found';
COMMENT ON COLUMN audit.verification.started_at IS 'Machine''s clock';
COMMENT ON COLUMN audit.verification.total IS 'Rows to walk, as it began';
COMMENT ON COLUMN audit.verification.rows IS 'Rows walked so far';
SELECT platform.protect('audit.verification');
GRANT UPDATE ON audit.verification TO digit_app;

CREATE TABLE audit.export (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  asked_by uuid,
  asked_at timestamptz NOT NULL,
  filter jsonb NOT NULL,
  state text NOT NULL DEFAULT 'waiting',
  rows bigint NOT NULL DEFAULT 0,
  file_id uuid,
  finished_at timestamptz,
  CONSTRAINT export_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT export_state_check CHECK (state IN ('waiting', 'ready', 'failed'))
);
COMMENT ON TABLE audit.export IS 'Files of entries that somebody asked for';
COMMENT ON COLUMN audit.export.filter IS 'Ids, codes and times by which the entries are narrowed';
CREATE INDEX export_asked_by_idx ON audit.export (tenant_id, asked_by, id);
SELECT platform.protect('audit.export');
GRANT UPDATE ON audit.export TO digit_app;

-- Erasing empties what leads to somebody and leaves the leaf, so that proofs go on to hold.
CREATE FUNCTION audit.erase_only() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
  parts text[] := ARRAY['salt', 'erased', 'actor_id', 'on_behalf_id', 'session_id', 'network', 'origin', 'object_id', 'person_id'];
BEGIN
  IF NEW.erased IS NOT NULL AND NEW.salt IS NULL AND to_jsonb(NEW) - parts = to_jsonb(OLD) - parts
    AND (NEW.actor_id IS NULL OR NEW.actor_id = OLD.actor_id) AND (NEW.on_behalf_id IS NULL OR NEW.on_behalf_id = OLD.on_behalf_id)
    AND (NEW.session_id IS NULL OR NEW.session_id = OLD.session_id) AND (NEW.network = '' OR NEW.network = OLD.network)
    AND (NEW.origin IS NULL OR NEW.origin = OLD.origin) AND (NEW.object_id IS NULL OR NEW.object_id = OLD.object_id)
    AND (NEW.person_id IS NULL OR NEW.person_id = OLD.person_id)
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'audit records are never changed' USING ERRCODE = 'insufficient_privilege';
END
$$;
COMMENT ON FUNCTION audit.erase_only() IS 'Refuses every change of an entry but the erasing of what leads to somebody';
GRANT UPDATE (salt, erased, actor_id, on_behalf_id, session_id, network, origin, object_id, person_id) ON audit.entry TO digit_app;
DROP TRIGGER entry_append_only ON audit.entry;
CREATE TRIGGER entry_erase_only BEFORE UPDATE ON audit.entry FOR EACH ROW EXECUTE FUNCTION audit.erase_only();
CREATE TRIGGER entry_append_only BEFORE DELETE ON audit.entry FOR EACH ROW EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER sequence_append_only BEFORE UPDATE OR DELETE ON audit.sequence FOR EACH ROW EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER sequence_no_truncate BEFORE TRUNCATE ON audit.sequence FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER chain_append_only BEFORE UPDATE OR DELETE ON audit.chain FOR EACH ROW EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER chain_no_truncate BEFORE TRUNCATE ON audit.chain FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER checkpoint_append_only BEFORE UPDATE OR DELETE ON audit.checkpoint FOR EACH ROW EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER checkpoint_no_truncate BEFORE TRUNCATE ON audit.checkpoint FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER delivery_append_only BEFORE UPDATE OR DELETE ON audit.delivery FOR EACH ROW EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER delivery_no_truncate BEFORE TRUNCATE ON audit.delivery FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
