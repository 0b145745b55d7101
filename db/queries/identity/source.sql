-- name: ListSourceGrants :many
SELECT g.id, g.role, g.agency, g.boundary, g.valid_from, g.valid_until, r.permissions
FROM identity.role_grant g JOIN identity.role r ON r.tenant_id = g.tenant_id AND r.code = g.role
WHERE g.account_id = $1 AND g.source = $2 ORDER BY g.id;

-- name: ListSourceAccounts :many
SELECT DISTINCT account_id FROM identity.role_grant WHERE source = $1 ORDER BY account_id;

-- name: CountSourceGrants :one
SELECT count(*)::bigint FROM identity.role_grant WHERE source = $1;

-- name: ListRules :many
SELECT id, condition, role, agency, boundary FROM identity.grant_rule WHERE source = $1 ORDER BY id;

-- name: PutRule :exec
INSERT INTO identity.grant_rule (id, source, condition, role, agency, boundary, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (tenant_id, id) DO UPDATE SET condition = EXCLUDED.condition, role = EXCLUDED.role, agency = EXCLUDED.agency, boundary = EXCLUDED.boundary,
  changed_at = EXCLUDED.changed_at WHERE grant_rule.source = EXCLUDED.source;

-- name: DeleteRule :one
DELETE FROM identity.grant_rule WHERE id = @id AND source = @source RETURNING condition, role, agency, boundary;

-- name: DeleteRules :exec
DELETE FROM identity.grant_rule WHERE source = $1;
