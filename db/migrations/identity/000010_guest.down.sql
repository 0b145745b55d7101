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

DELETE FROM identity.code WHERE purpose IN ('guest', 'return');
ALTER TABLE identity.code
  DROP CONSTRAINT code_purpose_check, ADD CONSTRAINT code_purpose_check CHECK (purpose IN ('sign_in', 'confirm', 'contact', 'visit')),
  DROP CONSTRAINT code_account_id_check, ADD CONSTRAINT code_account_id_check CHECK ((purpose = 'sign_in') = (account_id IS NULL));
DROP INDEX identity.contact_address_key;
DROP INDEX identity.contact_address_idx;
DELETE FROM identity.contact WHERE kind = 'guest';
ALTER TABLE identity.contact
  DROP CONSTRAINT contact_kind_check, ADD CONSTRAINT contact_kind_check CHECK (kind IN ('person', 'staff')),
  ADD CONSTRAINT contact_address_key UNIQUE (tenant_id, kind, address_index);
DROP TABLE identity.guest;
