-- What decides beside roles: a tenant's own policies, emergency access, consent to be represented, and machines.

CREATE TABLE identity.policy (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  code text NOT NULL,
  reason jsonb NOT NULL,
  text text NOT NULL,
  enabled boolean NOT NULL,
  changed_at timestamptz NOT NULL,
  changed_by uuid,
  CONSTRAINT policy_pkey PRIMARY KEY (tenant_id, code),
  CONSTRAINT policy_code_check CHECK (code ~ '^[a-z][a-z0-9-]{1,62}$')
);
COMMENT ON TABLE identity.policy IS 'Policies of the tenant''s own beside those of the house. They can only forbid';
COMMENT ON COLUMN identity.policy.reason IS 'What whoever is stopped is told, by language';
COMMENT ON COLUMN identity.policy.text IS 'In Cedar; checked against the vocabulary when it was saved';
SELECT platform.protect('identity.policy');

CREATE TABLE identity.emergency (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  account_id uuid NOT NULL,
  role text NOT NULL,
  agency text NOT NULL,
  reason bytea NOT NULL,
  began_at timestamptz NOT NULL,
  until timestamptz NOT NULL,
  ended_at timestamptz,
  CONSTRAINT emergency_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT emergency_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES identity.account (tenant_id, id),
  CONSTRAINT emergency_until_check CHECK (until > began_at AND until <= began_at + interval '4 hours')
);
COMMENT ON TABLE identity.emergency IS 'Roles that staff took themselves in an emergency (break-glass), each for a few hours. Rows stay for the record';
COMMENT ON COLUMN identity.emergency.reason IS 'In their own words, sealed for the account';
COMMENT ON COLUMN identity.emergency.until IS 'Tenant''s clock, like began_at and ended_at';
CREATE INDEX emergency_account_id_idx ON identity.emergency (tenant_id, account_id);
SELECT platform.protect('identity.emergency');

CREATE TABLE identity.delegation (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  person_id uuid NOT NULL,
  delegate_id uuid,
  channel text NOT NULL,
  address bytea NOT NULL,
  address_index bytea NOT NULL,
  kind text NOT NULL,
  services text[] NOT NULL,
  proof text NOT NULL,
  status text NOT NULL,
  until timestamptz,
  invited_at timestamptz NOT NULL,
  accepted_at timestamptz,
  ended_at timestamptz,
  ended_by uuid,
  CONSTRAINT delegation_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT delegation_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES identity.account (tenant_id, id),
  CONSTRAINT delegation_delegate_id_fkey FOREIGN KEY (tenant_id, delegate_id) REFERENCES identity.account (tenant_id, id),
  CONSTRAINT delegation_channel_check CHECK (channel IN ('sms', 'email')),
  CONSTRAINT delegation_kind_check CHECK (kind IN ('guardian', 'agent', 'helper')),
  CONSTRAINT delegation_proof_check CHECK (proof IN ('sign-in', 'document')),
  CONSTRAINT delegation_status_check CHECK (status IN ('invited', 'active', 'ended')),
  CONSTRAINT delegation_self_check CHECK (person_id <> delegate_id),
  CONSTRAINT delegation_active_check CHECK (status = 'invited' OR status = 'ended' OR delegate_id IS NOT NULL)
);
COMMENT ON TABLE identity.delegation IS 'Who may act for whom, by consent of both. Rows stay for the record';
COMMENT ON COLUMN identity.delegation.address IS 'Where the invitation went, sealed for the person who gave it';
COMMENT ON COLUMN identity.delegation.address_index IS 'Blind index of the same: the account that is reached there may accept';
COMMENT ON COLUMN identity.delegation.services IS 'Codes of the services for which they may; empty for all';
COMMENT ON COLUMN identity.delegation.proof IS 'What the right rests on: the person''s own fresh sign-in, or a document that an office has seen';
COMMENT ON COLUMN identity.delegation.until IS 'Tenant''s clock, excluded; empty until somebody ends it';
CREATE INDEX delegation_person_id_idx ON identity.delegation (tenant_id, person_id, id);
CREATE INDEX delegation_delegate_id_idx ON identity.delegation (tenant_id, delegate_id, id);
CREATE INDEX delegation_address_idx ON identity.delegation (tenant_id, address_index);
SELECT platform.protect('identity.delegation');

ALTER TABLE identity.session ADD COLUMN delegation_id uuid;
ALTER TABLE identity.session ADD CONSTRAINT session_delegation_id_fkey FOREIGN KEY (tenant_id, delegation_id) REFERENCES identity.delegation (tenant_id, id);
COMMENT ON COLUMN identity.session.delegation_id IS 'Whom its owner acts for at the moment; empty for themselves';
CREATE INDEX session_delegation_id_idx ON identity.session (tenant_id, delegation_id);

CREATE TABLE identity.machine (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  name text NOT NULL,
  kind text NOT NULL,
  permissions text[] NOT NULL,
  agency text NOT NULL,
  created_at timestamptz NOT NULL,
  created_by uuid,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  used_at timestamptz,
  CONSTRAINT machine_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT machine_kind_check CHECK (kind IN ('key', 'client'))
);
COMMENT ON TABLE identity.machine IS 'Other systems that call the API: by a key, or as an OAuth 2.0 client. All times are the machine''s clock';
COMMENT ON COLUMN identity.machine.name IS 'What the system is called; no person''s name';
COMMENT ON COLUMN identity.machine.permissions IS 'The scope: what it may at most';
COMMENT ON COLUMN identity.machine.agency IS 'Code of the agency for which it may; empty for the whole tenant';
COMMENT ON COLUMN identity.machine.used_at IS 'Last use, to the minute';
SELECT platform.protect('identity.machine');

CREATE TABLE identity.machine_secret (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  machine_id uuid NOT NULL,
  prefix text NOT NULL,
  secret_hash bytea NOT NULL,
  created_at timestamptz NOT NULL,
  ends_at timestamptz,
  CONSTRAINT machine_secret_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT machine_secret_hash_key UNIQUE (tenant_id, secret_hash),
  CONSTRAINT machine_secret_machine_id_fkey FOREIGN KEY (tenant_id, machine_id) REFERENCES identity.machine (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE identity.machine_secret IS 'Secrets of machines: one, or two while it changes over to a new one';
COMMENT ON COLUMN identity.machine_secret.prefix IS 'How it begins, by which people recognise it';
COMMENT ON COLUMN identity.machine_secret.secret_hash IS 'SHA-256 of the secret, which has 256 random bits and was shown once';
COMMENT ON COLUMN identity.machine_secret.ends_at IS 'When an old one stops counting; empty for the present one';
CREATE INDEX machine_secret_machine_id_idx ON identity.machine_secret (tenant_id, machine_id);
SELECT platform.protect('identity.machine_secret');

CREATE TABLE identity.machine_token (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  token_hash bytea NOT NULL,
  machine_id uuid NOT NULL,
  permissions text[] NOT NULL,
  expires_at timestamptz NOT NULL,
  CONSTRAINT machine_token_pkey PRIMARY KEY (tenant_id, token_hash),
  CONSTRAINT machine_token_machine_id_fkey FOREIGN KEY (tenant_id, machine_id) REFERENCES identity.machine (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE identity.machine_token IS 'Access tokens of OAuth clients (RFC 6749), of which only the SHA-256 is kept';
COMMENT ON COLUMN identity.machine_token.permissions IS 'What of its scope the client asked for';
CREATE INDEX machine_token_machine_id_idx ON identity.machine_token (tenant_id, machine_id);
CREATE INDEX machine_token_expires_at_idx ON identity.machine_token (tenant_id, expires_at);
SELECT platform.protect('identity.machine_token');

CREATE TABLE identity.machine_use (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  machine_id uuid NOT NULL,
  minute timestamptz NOT NULL,
  calls integer NOT NULL,
  CONSTRAINT machine_use_pkey PRIMARY KEY (tenant_id, machine_id, minute),
  CONSTRAINT machine_use_machine_id_fkey FOREIGN KEY (tenant_id, machine_id) REFERENCES identity.machine (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE identity.machine_use IS 'Calls of each machine by the minute, for the limit that holds across processes';
CREATE INDEX machine_use_minute_idx ON identity.machine_use (tenant_id, minute);
SELECT platform.protect('identity.machine_use');

CREATE FUNCTION identity.standing(account uuid, delegation uuid, now timestamptz) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
  SELECT jsonb_build_object(
    'grants', (SELECT jsonb_agg(jsonb_build_object('id', g.id, 'role', g.role, 'agency', g.agency, 'boundary', g.boundary, 'source', g.source,
        'from', g.valid_from, 'until', g.valid_until, 'permissions', r.permissions) ORDER BY g.id)
      FROM identity.role_grant g JOIN identity.role r ON r.tenant_id = g.tenant_id AND r.code = g.role
      WHERE g.account_id = account AND (g.valid_from IS NULL OR g.valid_from <= now) AND (g.valid_until IS NULL OR g.valid_until > now)),
    'tenant', (SELECT t.status FROM platform.tenant t WHERE t.id = platform.current_tenant()),
    'policies', (SELECT jsonb_agg(jsonb_build_object('code', p.code, 'text', p.text, 'reason', p.reason) ORDER BY p.code) FROM identity.policy p WHERE p.enabled),
    'self', (SELECT jsonb_agg(DISTINCT other.account_id) FROM (
      SELECT theirs.account_id FROM identity.contact mine JOIN identity.contact theirs
        ON theirs.kind = CASE mine.kind WHEN 'staff' THEN 'person' ELSE 'staff' END AND theirs.address_index = mine.address_index
      WHERE mine.account_id = account AND mine.verified_at IS NOT NULL AND theirs.verified_at IS NOT NULL
      UNION ALL
      SELECT theirs.account_id FROM identity.federated mine JOIN identity.federated theirs
        ON theirs.provider = mine.provider AND theirs.kind = CASE mine.kind WHEN 'staff' THEN 'person' ELSE 'staff' END AND theirs.subject_index = mine.subject_index
      WHERE mine.account_id = account) other),
    'acting', (SELECT jsonb_build_object('delegation', d.id, 'person', d.person_id, 'name', encode(a.name, 'base64'), 'services', d.services, 'until', d.until)
      FROM identity.delegation d JOIN identity.account a ON a.tenant_id = d.tenant_id AND a.id = d.person_id
      WHERE d.id = delegation AND d.delegate_id = account AND d.status = 'active' AND a.status = 'active' AND (d.until IS NULL OR d.until > now)))
$$;
COMMENT ON FUNCTION identity.standing(uuid, uuid, timestamptz) IS 'What decisions about an account look at: its roles in force, the tenant''s state and policies, its owner''s account on the other side of the counter, whom they act for';

CREATE FUNCTION identity.call_machine(hash bytea, now timestamptz, tenant_now timestamptz) RETURNS jsonb
LANGUAGE sql
AS $$
  WITH found AS (
    SELECT m.id, m.name, m.agency, m.permissions, m.expires_at, m.used_at FROM identity.machine_secret s
    JOIN identity.machine m ON m.tenant_id = s.tenant_id AND m.id = s.machine_id
    WHERE s.secret_hash = hash AND m.kind = 'key' AND (s.ends_at IS NULL OR s.ends_at > now) AND m.revoked_at IS NULL AND m.expires_at > now
    UNION ALL
    SELECT m.id, m.name, m.agency, t.permissions, m.expires_at, m.used_at FROM identity.machine_token t
    JOIN identity.machine m ON m.tenant_id = t.tenant_id AND m.id = t.machine_id
    WHERE t.token_hash = hash AND t.expires_at > now AND m.revoked_at IS NULL AND m.expires_at > now
  ), counted AS (
    INSERT INTO identity.machine_use AS u (machine_id, minute, calls) SELECT f.id, date_trunc('minute', now), 1 FROM found f
    ON CONFLICT (tenant_id, machine_id, minute) DO UPDATE SET calls = u.calls + 1 RETURNING u.calls
  ), noted AS (
    UPDATE identity.machine m SET used_at = now FROM found f WHERE m.id = f.id AND (f.used_at IS NULL OR f.used_at < now - interval '1 minute')
  )
  SELECT jsonb_build_object('id', f.id, 'name', f.name, 'agency', f.agency, 'permissions', f.permissions, 'expires', f.expires_at, 'calls', c.calls,
    'standing', identity.standing(f.id, NULL, tenant_now))
  FROM found f, counted c
$$;
COMMENT ON FUNCTION identity.call_machine(bytea, timestamptz, timestamptz) IS 'Who calls with a key or a token, counted in the minute and noted as used, in one go; NULL for nobody';
