-- The installation's root keysets, where one follows another or a keystore holds them. No tenant: they wrap all tenants' keys.
CREATE TABLE encryption.root_key (
  id text NOT NULL,
  kept text NOT NULL,
  state text NOT NULL,
  succeeds text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ready_at timestamptz NOT NULL,
  CONSTRAINT root_key_pkey PRIMARY KEY (id),
  CONSTRAINT root_key_succeeds_fkey FOREIGN KEY (succeeds) REFERENCES encryption.root_key (id),
  CONSTRAINT root_key_state_check CHECK (state IN ('next', 'active', 'retired'))
);
COMMENT ON TABLE encryption.root_key IS 'Root keysets that a keystore holds or that took part in a change of root key. No row security: they wrap the keysets of all tenants';
COMMENT ON COLUMN encryption.root_key.id IS 'Tink key id of the keyset''s primary key, in hexadecimal';
COMMENT ON COLUMN encryption.root_key.kept IS 'Where the keyset is kept, for people: file:…, env, vault:…, pkcs11:…';
COMMENT ON COLUMN encryption.root_key.state IS 'next is known to all processes but wraps nothing yet; active wraps; retired wraps nothing any more';
COMMENT ON COLUMN encryption.root_key.succeeds IS 'The root keyset whose place it takes; empty for the first';
COMMENT ON COLUMN encryption.root_key.ready_at IS 'Machine''s clock: not active before, so that every process knows it by then';
CREATE UNIQUE INDEX root_key_succeeds_key ON encryption.root_key (succeeds);
CREATE UNIQUE INDEX root_key_first_key ON encryption.root_key (kept) WHERE succeeds IS NULL;

CREATE TABLE encryption.root_copy (
  root_id text NOT NULL,
  wrapped_by text NOT NULL,
  keystore boolean NOT NULL,
  wrapped bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT root_copy_pkey PRIMARY KEY (root_id, wrapped_by),
  CONSTRAINT root_copy_root_id_fkey FOREIGN KEY (root_id) REFERENCES encryption.root_key (id) ON DELETE CASCADE
);
COMMENT ON TABLE encryption.root_copy IS 'Root keysets, each wrapped by a keystore or by another root keyset, so that processes that run on the one can read what the other wrapped. No row security: see root_key';
COMMENT ON COLUMN encryption.root_copy.wrapped_by IS 'Name of the keystore, or id of the root keyset, that wrapped it';

ALTER TABLE encryption.tenant_key DROP CONSTRAINT tenant_key_purpose_check;
ALTER TABLE encryption.tenant_key ADD CONSTRAINT tenant_key_purpose_check CHECK (purpose IN ('seal', 'index', 'mac', 'api', 'record'));
ALTER TABLE encryption.tenant_key ADD COLUMN root_id text;
ALTER TABLE encryption.tenant_key ADD COLUMN bare_key bigint;
COMMENT ON COLUMN encryption.tenant_key.purpose IS 'seal wraps data keys and seals what belongs to no person, index makes blind indexes, mac makes authentication codes, api seals for other systems, record what stands in a record that only grows';
COMMENT ON COLUMN encryption.tenant_key.root_id IS 'The root keyset that wrapped it; empty for the one of the process, as before root keysets could change';
COMMENT ON COLUMN encryption.tenant_key.bare_key IS 'The key whose digests carry no key id, because it was the only one when they were made; empty as long as it still is';
COMMENT ON COLUMN encryption.tenant_key.created_at IS 'Database clock, of this version of the keyset. One older than the reading transaction is known to be committed and may be cached';

CREATE TABLE encryption.key_version (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  purpose text NOT NULL,
  key_id bigint NOT NULL,
  state text NOT NULL,
  created_at timestamptz NOT NULL,
  active_at timestamptz,
  retired_at timestamptz,
  disabled_at timestamptz,
  destroyed_at timestamptz,
  CONSTRAINT key_version_pkey PRIMARY KEY (tenant_id, purpose, key_id),
  CONSTRAINT key_version_purpose_check CHECK (purpose IN ('seal', 'index', 'mac', 'api', 'record')),
  CONSTRAINT key_version_state_check CHECK (state IN ('next', 'active', 'retired', 'disabled', 'destroyed'))
);
COMMENT ON TABLE encryption.key_version IS 'The life of each key of a tenant''s keysets. All times are the machine''s';
COMMENT ON COLUMN encryption.key_version.key_id IS 'Tink key id, which every value sealed with the key begins with';
COMMENT ON COLUMN encryption.key_version.state IS 'next is known but not used; active seals; retired only opens; disabled does neither and can be called back; destroyed is gone';
SELECT platform.protect('encryption.key_version');
REVOKE DELETE ON encryption.key_version FROM digit_app;

ALTER TABLE encryption.person_key ADD COLUMN wrapped_by bigint;
ALTER TABLE encryption.person_key ADD COLUMN rotated_at timestamptz;
COMMENT ON COLUMN encryption.person_key.wrapped_by IS 'Tink id of the tenant''s key that wrapped it; empty for the first one';
COMMENT ON COLUMN encryption.person_key.rotated_at IS 'When the person got a new key, on the machine''s clock; empty for never';
CREATE INDEX person_key_wrapped_by_idx ON encryption.person_key (tenant_id, person_id, wrapped_by) WHERE wrapped IS NOT NULL;

CREATE TABLE encryption.rotation (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  purpose text NOT NULL,
  person_id uuid,
  state text NOT NULL,
  paused boolean NOT NULL DEFAULT false,
  old_key bigint NOT NULL,
  new_key bigint NOT NULL,
  started_by uuid,
  started_at timestamptz NOT NULL,
  ready_at timestamptz NOT NULL,
  promoted_at timestamptz,
  rested_at timestamptz,
  destroy_at timestamptz,
  ended_at timestamptz,
  worked_at timestamptz,
  renewed_at timestamptz,
  CONSTRAINT rotation_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT rotation_purpose_check CHECK (purpose IN ('seal', 'index', 'mac', 'api', 'record', 'person')),
  CONSTRAINT rotation_person_check CHECK ((purpose = 'person') = (person_id IS NOT NULL)),
  CONSTRAINT rotation_state_check CHECK (state IN ('spreading', 'counting', 'renewing', 'blocked', 'resting', 'done', 'cancelled')),
  CONSTRAINT rotation_ended_check CHECK ((state IN ('done', 'cancelled')) = (ended_at IS NOT NULL))
);
COMMENT ON TABLE encryption.rotation IS 'Changes of a key: what stands under the old one is renewed under the new one, batch by batch. All times are the machine''s';
COMMENT ON COLUMN encryption.rotation.state IS 'spreading: all processes learn the new key; counting: what stands under old keys; renewing it; blocked: some of it cannot be read; resting: the old key is disabled; done: it is destroyed';
COMMENT ON COLUMN encryption.rotation.ready_at IS 'Not promoted before: by then every process knows the new key';
COMMENT ON COLUMN encryption.rotation.worked_at IS 'When a batch was last worked: a rotation that stands still is taken up again';
COMMENT ON COLUMN encryption.rotation.renewed_at IS 'When a value was last renewed: what began before may still look for it under the old key';
CREATE UNIQUE INDEX rotation_open_key ON encryption.rotation (tenant_id, purpose, coalesce(person_id, '00000000-0000-0000-0000-000000000000'::uuid))
  WHERE state IN ('spreading', 'counting', 'renewing', 'blocked');
CREATE INDEX rotation_state_idx ON encryption.rotation (tenant_id, state, id);
SELECT platform.protect('encryption.rotation');
REVOKE DELETE ON encryption.rotation FROM digit_app;

CREATE TABLE encryption.rotation_column (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  rotation_id uuid NOT NULL,
  name text NOT NULL,
  total bigint NOT NULL DEFAULT 0,
  remaining bigint NOT NULL DEFAULT 0,
  unreadable bigint NOT NULL DEFAULT 0,
  last text NOT NULL DEFAULT '',
  passed boolean NOT NULL DEFAULT false,
  CONSTRAINT rotation_column_pkey PRIMARY KEY (tenant_id, rotation_id, name),
  CONSTRAINT rotation_column_rotation_id_fkey FOREIGN KEY (tenant_id, rotation_id) REFERENCES encryption.rotation (tenant_id, id)
);
COMMENT ON TABLE encryption.rotation_column IS 'How far a rotation is with each column of sealed values or indexes';
COMMENT ON COLUMN encryption.rotation_column.remaining IS 'Rows still under an old key, as last counted less what was renewed since';
COMMENT ON COLUMN encryption.rotation_column.last IS 'Key of the row up to which the present pass has come';
COMMENT ON COLUMN encryption.rotation_column.passed IS 'Whether the present pass is through with the column';
SELECT platform.protect('encryption.rotation_column');

ALTER TABLE encryption.signing_key ADD COLUMN purpose text NOT NULL DEFAULT 'credential';
ALTER TABLE encryption.signing_key ALTER COLUMN purpose DROP DEFAULT;
ALTER TABLE encryption.signing_key ADD COLUMN wrapped_by bigint;
ALTER TABLE encryption.signing_key ADD COLUMN ready_at timestamptz;
ALTER TABLE encryption.signing_key ADD COLUMN active_at timestamptz;
ALTER TABLE encryption.signing_key ADD COLUMN retired_at timestamptz;
ALTER TABLE encryption.signing_key ADD COLUMN destroyed_at timestamptz;
ALTER TABLE encryption.signing_key ALTER COLUMN wrapped DROP NOT NULL;
ALTER TABLE encryption.signing_key DROP CONSTRAINT signing_key_status_check;
-- Row security is forced on the owner too, who sees no tenant's rows here: lifted for the change, within this transaction.
ALTER TABLE encryption.signing_key NO FORCE ROW LEVEL SECURITY;
UPDATE encryption.signing_key SET active_at = created_at, retired_at = CASE WHEN status <> 'active' THEN created_at END,
  destroyed_at = CASE WHEN status = 'revoked' THEN created_at END, status = CASE WHEN status = 'revoked' THEN 'destroyed' ELSE status END,
  wrapped = CASE WHEN status = 'active' THEN wrapped END;
ALTER TABLE encryption.signing_key FORCE ROW LEVEL SECURITY;
ALTER TABLE encryption.signing_key ADD CONSTRAINT signing_key_status_check CHECK (status IN ('next', 'active', 'retired', 'destroyed'));
ALTER TABLE encryption.signing_key ADD CONSTRAINT signing_key_wrapped_check CHECK ((wrapped IS NOT NULL) = (status IN ('next', 'active')));
ALTER TABLE encryption.signing_key ADD CONSTRAINT signing_key_purpose_check
  CHECK (purpose IN ('credential', 'status', 'receipt', 'exchange', 'webhook', 'checkpoint', 'token'));
DROP INDEX encryption.signing_key_active_key;
DROP INDEX encryption.signing_key_owner_idx;
CREATE UNIQUE INDEX signing_key_active_key ON encryption.signing_key (tenant_id, owner, purpose) WHERE status = 'active';
CREATE UNIQUE INDEX signing_key_next_key ON encryption.signing_key (tenant_id, owner, purpose) WHERE status = 'next';
CREATE INDEX signing_key_owner_idx ON encryption.signing_key (tenant_id, owner, purpose, created_at);
COMMENT ON COLUMN encryption.signing_key.purpose IS 'What it signs, so that a signature made for one thing is never taken for another';
COMMENT ON COLUMN encryption.signing_key.status IS 'next is published and signs nothing yet; active signs; retired only verifies and its private part is gone; destroyed does neither';
COMMENT ON COLUMN encryption.signing_key.wrapped_by IS 'Tink id of the tenant''s key that wrapped it; empty for the first one';
COMMENT ON COLUMN encryption.signing_key.ready_at IS 'Machine''s clock: a next key becomes active no earlier, so that verifiers have it by then';

CREATE TABLE encryption.proposal (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  act text NOT NULL,
  target text NOT NULL,
  reason bytea NOT NULL,
  state text NOT NULL DEFAULT 'open',
  proposed_by uuid NOT NULL,
  proposed_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  decided_by uuid,
  decided_at timestamptz,
  CONSTRAINT proposal_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT proposal_act_check CHECK (act IN ('signing_key', 'compromised_key', 'person_key', 'tenant_key')),
  CONSTRAINT proposal_state_check CHECK (state IN ('open', 'approved', 'refused', 'withdrawn', 'expired')),
  CONSTRAINT proposal_decided_check CHECK ((state IN ('open', 'expired')) = (decided_by IS NULL)),
  CONSTRAINT proposal_dual_check CHECK (state <> 'approved' OR decided_by <> proposed_by)
);
COMMENT ON TABLE encryption.proposal IS 'Destructions that one administrator proposed and another decides about. Times are the machine''s';
COMMENT ON COLUMN encryption.proposal.act IS 'What is to be destroyed';
COMMENT ON COLUMN encryption.proposal.target IS 'Key id of a signing key, id of a person, or purpose and key id of a tenant''s key';
COMMENT ON COLUMN encryption.proposal.reason IS 'Why, in words; sealed with the tenant''s key';
CREATE UNIQUE INDEX proposal_open_key ON encryption.proposal (tenant_id, act, target) WHERE state = 'open';
CREATE INDEX proposal_state_idx ON encryption.proposal (tenant_id, state, id);
SELECT platform.protect('encryption.proposal');
REVOKE DELETE ON encryption.proposal FROM digit_app;
