UPDATE identity.session SET delegation_id = NULL WHERE delegation_id IN (SELECT id FROM identity.delegation WHERE kind IN ('manager', 'member'));
DELETE FROM identity.delegation WHERE kind IN ('manager', 'member');
DELETE FROM identity.account WHERE kind = 'business';
ALTER TABLE identity.delegation
  DROP CONSTRAINT delegation_kind_check, ADD CONSTRAINT delegation_kind_check CHECK (kind IN ('guardian', 'agent', 'helper', 'visit')),
  DROP CONSTRAINT delegation_proof_check, ADD CONSTRAINT delegation_proof_check CHECK (proof IN ('sign-in', 'document', 'code')),
  DROP CONSTRAINT delegation_channel_check, ADD CONSTRAINT delegation_channel_check CHECK (channel IN ('sms', 'email', 'desk'));
ALTER TABLE identity.account
  DROP CONSTRAINT account_unconfirmed_check,
  DROP CONSTRAINT account_kind_check, ADD CONSTRAINT account_kind_check CHECK (kind IN ('person', 'staff')),
  DROP CONSTRAINT account_status_check, ADD CONSTRAINT account_status_check CHECK (status IN ('active', 'suspended'));
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
