-- A business is an account that nobody signs in to: its members act for it.
ALTER TABLE identity.account
  DROP CONSTRAINT account_kind_check, ADD CONSTRAINT account_kind_check CHECK (kind IN ('person', 'staff', 'business')),
  DROP CONSTRAINT account_status_check, ADD CONSTRAINT account_status_check CHECK (status IN ('active', 'suspended', 'unconfirmed')),
  ADD CONSTRAINT account_unconfirmed_check CHECK (status <> 'unconfirmed' OR kind = 'business');
COMMENT ON TABLE identity.account IS 'Somebody who can sign in, or be acted for. One human being who is a citizen and a clerk has two; a business has one to which nobody signs in';
COMMENT ON COLUMN identity.account.status IS 'unconfirmed: a business of which nobody has confirmed yet who may act for it';

ALTER TABLE identity.delegation
  DROP CONSTRAINT delegation_kind_check,
  ADD CONSTRAINT delegation_kind_check CHECK (kind IN ('guardian', 'agent', 'helper', 'visit', 'manager', 'member')),
  DROP CONSTRAINT delegation_proof_check,
  ADD CONSTRAINT delegation_proof_check CHECK (proof IN ('sign-in', 'document', 'code', 'register')),
  DROP CONSTRAINT delegation_channel_check,
  ADD CONSTRAINT delegation_channel_check CHECK (channel IN ('sms', 'email', 'desk', 'office'));
COMMENT ON COLUMN identity.delegation.kind IS 'What the delegate is to the person; visit: the member of staff whom they stand before at a counter; manager and member: of a business';
COMMENT ON COLUMN identity.delegation.proof IS 'What the right rests on: the person''s own fresh sign-in, a code that they told at a counter, a document that an office has seen, or an entry of a register';

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
    'self', (WITH human AS (
        SELECT theirs.account_id FROM identity.contact mine JOIN identity.contact theirs
          ON theirs.kind = ANY (CASE mine.kind WHEN 'staff' THEN ARRAY['person', 'guest'] ELSE ARRAY['staff'] END) AND theirs.address_index = mine.address_index
        WHERE mine.account_id = account AND mine.verified_at IS NOT NULL AND theirs.verified_at IS NOT NULL
        UNION ALL
        SELECT theirs.account_id FROM identity.federated mine JOIN identity.federated theirs
          ON theirs.provider = mine.provider AND theirs.kind = CASE mine.kind WHEN 'staff' THEN 'person' ELSE 'staff' END AND theirs.subject_index = mine.subject_index
        WHERE mine.account_id = account)
      SELECT jsonb_agg(DISTINCT other.id) FROM (
        SELECT account_id AS id FROM human
        UNION ALL
        SELECT d.person_id FROM identity.delegation d
        WHERE d.delegate_id IN (SELECT account UNION ALL SELECT account_id FROM human)
          AND d.kind IN ('manager', 'member') AND d.status = 'active' AND (d.until IS NULL OR d.until > now)) other),
    'guests', (SELECT jsonb_agg(g.account_id ORDER BY g.account_id) FROM identity.guest g WHERE g.claimed_by = account),
    'guest', EXISTS (SELECT FROM identity.guest g WHERE g.account_id = account),
    'acting', (SELECT jsonb_build_object('delegation', d.id, 'person', d.person_id, 'kind', d.kind, 'business', a.kind = 'business', 'name', encode(a.name, 'base64'), 'services', d.services, 'until', d.until)
      FROM identity.delegation d JOIN identity.account a ON a.tenant_id = d.tenant_id AND a.id = d.person_id
      WHERE d.id = delegation AND d.delegate_id = account AND d.status = 'active' AND a.status = 'active' AND (d.until IS NULL OR d.until > now)))
$$;
COMMENT ON FUNCTION identity.standing(uuid, uuid, timestamptz) IS 'What decisions about an account look at: its roles in force, the tenant''s state and policies, its owner''s account on the other side of the counter and the businesses that they act for, what it took over from guests, whom they act for';
