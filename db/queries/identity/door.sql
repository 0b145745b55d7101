-- name: GetStaffDoor :one
SELECT local FROM identity.staff_door;

-- name: PutStaffDoor :exec
INSERT INTO identity.staff_door (local, changed_at) VALUES ($1, $2)
ON CONFLICT (tenant_id) DO UPDATE SET local = EXCLUDED.local, changed_at = EXCLUDED.changed_at;

-- name: LockEmergencyAccounts :many
SELECT id, status FROM identity.account WHERE kind = 'staff' AND emergency ORDER BY id FOR UPDATE;

-- name: ListEmergency :many
SELECT id, kind, name, lang, status, created_at FROM identity.account WHERE kind = 'staff' AND emergency ORDER BY id;

-- name: IsEmergency :one
SELECT emergency FROM identity.account WHERE id = $1;

-- name: SetEmergency :execrows
UPDATE identity.account SET emergency = @emergency WHERE id = @id AND kind = 'staff';

-- name: ListAdministrators :many
SELECT DISTINCT a.id, a.lang FROM identity.account a
JOIN identity.role_grant g ON g.tenant_id = a.tenant_id AND g.account_id = a.id
JOIN identity.role r ON r.tenant_id = g.tenant_id AND r.code = g.role
WHERE a.kind = 'staff' AND a.status = 'active' AND g.agency = '' AND 'identity:manage' = ANY(r.permissions)
  AND (g.valid_from IS NULL OR g.valid_from <= @now::timestamptz) AND (g.valid_until IS NULL OR g.valid_until > @now::timestamptz)
ORDER BY a.id;
