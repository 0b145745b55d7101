-- name: ListSourceGrants :many
SELECT g.id, g.role, g.agency, g.boundary, g.valid_from, g.valid_until, r.permissions
FROM identity.role_grant g JOIN identity.role r ON r.tenant_id = g.tenant_id AND r.code = g.role
WHERE g.account_id = $1 AND g.source = $2 ORDER BY g.id;
