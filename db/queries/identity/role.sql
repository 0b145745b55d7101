-- name: ListRoles :many
SELECT code, name, permissions FROM identity.role ORDER BY code;

-- name: GetRole :one
SELECT code, name, permissions FROM identity.role WHERE code = $1;

-- name: PutRole :exec
INSERT INTO identity.role (code, name, permissions, changed_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant_id, code) DO UPDATE SET name = EXCLUDED.name, permissions = EXCLUDED.permissions, changed_at = EXCLUDED.changed_at;

-- name: InsertGrant :one
INSERT INTO identity.role_grant (id, account_id, role, agency, boundary, source, valid_from, valid_until, granted_at, granted_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (tenant_id, account_id, role, agency, boundary, source) DO UPDATE SET valid_from = EXCLUDED.valid_from, valid_until = EXCLUDED.valid_until
RETURNING id;

-- name: GetGrant :one
SELECT id, account_id, role, agency, boundary, source FROM identity.role_grant WHERE id = $1;

-- name: DeleteGrant :exec
DELETE FROM identity.role_grant WHERE id = $1;

-- name: ListGrants :many
SELECT g.id, g.account_id, g.role, g.agency, g.boundary, g.source, g.valid_from, g.valid_until, r.permissions
FROM identity.role_grant g JOIN identity.role r ON r.tenant_id = g.tenant_id AND r.code = g.role
WHERE g.account_id = ANY(@accounts::uuid[]) ORDER BY g.account_id, g.id;

-- name: LockRoles :many
SELECT code, name, permissions FROM identity.role ORDER BY code FOR UPDATE;

-- name: ListKnown :many
SELECT permission FROM identity.known_permission ORDER BY permission;

-- name: InsertKnown :exec
INSERT INTO identity.known_permission (permission, known_at)
SELECT unnest(@permissions::text[]), @now
ON CONFLICT (tenant_id, permission) DO NOTHING;
