CREATE TABLE identity.guest (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  account_id uuid NOT NULL,
  begun_at timestamptz NOT NULL,
  sent_at timestamptz,
  claimed_by uuid,
  claimed_at timestamptz,
  CONSTRAINT guest_pkey PRIMARY KEY (tenant_id, account_id),
  CONSTRAINT guest_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES identity.account (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT guest_claimed_by_fkey FOREIGN KEY (tenant_id, claimed_by) REFERENCES identity.account (tenant_id, id),
  CONSTRAINT guest_claimed_check CHECK ((claimed_by IS NULL) = (claimed_at IS NULL) AND claimed_by <> account_id)
);
COMMENT ON TABLE identity.guest IS 'People who apply without an account: a person with a key of their own who cannot sign in';
COMMENT ON COLUMN identity.guest.begun_at IS 'Machine''s clock';
COMMENT ON COLUMN identity.guest.sent_at IS 'When they first sent something, tenant''s clock; who never did is swept';
COMMENT ON COLUMN identity.guest.claimed_by IS 'The account that proved the same address, whose all of it is from then on';
CREATE INDEX guest_claimed_by_idx ON identity.guest (tenant_id, claimed_by);
CREATE INDEX guest_unsent_idx ON identity.guest (tenant_id, begun_at) WHERE sent_at IS NULL;
SELECT platform.protect('identity.guest');

-- Guests may share an address with each other and with an account: it proves nothing but where they are reached.
ALTER TABLE identity.contact
  DROP CONSTRAINT contact_kind_check, ADD CONSTRAINT contact_kind_check CHECK (kind IN ('person', 'staff', 'guest')),
  DROP CONSTRAINT contact_address_key;
CREATE UNIQUE INDEX contact_address_key ON identity.contact (tenant_id, kind, address_index) WHERE kind <> 'guest';
CREATE INDEX contact_address_idx ON identity.contact (tenant_id, address_index, kind);
COMMENT ON COLUMN identity.contact.kind IS 'Kind of the account: a clerk may be a citizen under the same address; guest: nobody signs in by it';

ALTER TABLE identity.code
  DROP CONSTRAINT code_purpose_check, ADD CONSTRAINT code_purpose_check CHECK (purpose IN ('sign_in', 'confirm', 'contact', 'visit', 'guest', 'return')),
  DROP CONSTRAINT code_account_id_check, ADD CONSTRAINT code_account_id_check CHECK (purpose = 'return' OR (purpose = 'sign_in') = (account_id IS NULL));
COMMENT ON COLUMN identity.code.purpose IS 'To sign in, to confirm that it is still oneself, to prove a new address, to agree at a counter that somebody acts, to prove where a guest is reached, or to come back as one; a code is good for nothing else';
COMMENT ON COLUMN identity.code.account_id IS 'Who asked for it while signed in; nobody where it is to sign in, or to come back to what is not there';

CREATE OR REPLACE FUNCTION identity.standing(account uuid, delegation uuid, now timestamptz) RETURNS jsonb
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
        ON theirs.kind = ANY (CASE mine.kind WHEN 'staff' THEN ARRAY['person', 'guest'] ELSE ARRAY['staff'] END) AND theirs.address_index = mine.address_index
      WHERE mine.account_id = account AND mine.verified_at IS NOT NULL AND theirs.verified_at IS NOT NULL
      UNION ALL
      SELECT theirs.account_id FROM identity.federated mine JOIN identity.federated theirs
        ON theirs.provider = mine.provider AND theirs.kind = CASE mine.kind WHEN 'staff' THEN 'person' ELSE 'staff' END AND theirs.subject_index = mine.subject_index
      WHERE mine.account_id = account) other),
    'guests', (SELECT jsonb_agg(g.account_id ORDER BY g.account_id) FROM identity.guest g WHERE g.claimed_by = account),
    'guest', EXISTS (SELECT FROM identity.guest g WHERE g.account_id = account),
    'acting', (SELECT jsonb_build_object('delegation', d.id, 'person', d.person_id, 'name', encode(a.name, 'base64'), 'services', d.services, 'until', d.until)
      FROM identity.delegation d JOIN identity.account a ON a.tenant_id = d.tenant_id AND a.id = d.person_id
      WHERE d.id = delegation AND d.delegate_id = account AND d.status = 'active' AND a.status = 'active' AND (d.until IS NULL OR d.until > now)))
$$;
COMMENT ON FUNCTION identity.standing(uuid, uuid, timestamptz) IS 'What decisions about an account look at: its roles in force, the tenant''s state and policies, its owner''s account on the other side of the counter, what it took over from guests, whom they act for';
