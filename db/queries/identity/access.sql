-- name: GetActor :one
SELECT a.kind, a.lang, a.status, identity.standing(a.id, NULL, @now::timestamptz) AS standing FROM identity.account a WHERE a.id = @account_id;

-- name: ListPolicies :many
SELECT code, reason, text, enabled, changed_at, changed_by FROM identity.policy ORDER BY code;

-- name: PutPolicy :exec
INSERT INTO identity.policy (code, reason, text, enabled, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant_id, code) DO UPDATE SET reason = EXCLUDED.reason, text = EXCLUDED.text, enabled = EXCLUDED.enabled,
  changed_at = EXCLUDED.changed_at, changed_by = EXCLUDED.changed_by;

-- name: DeletePolicy :execrows
DELETE FROM identity.policy WHERE code = $1;

-- name: ListGivers :many
SELECT a.id, a.name, g.agency FROM identity.role_grant g
JOIN identity.role r ON r.tenant_id = g.tenant_id AND r.code = g.role
JOIN identity.account a ON a.tenant_id = g.tenant_id AND a.id = g.account_id
WHERE (g.agency = @agency::text OR g.agency = '') AND @permission::text = ANY(r.permissions) AND a.status = 'active'
  AND (g.valid_from IS NULL OR g.valid_from <= @now::timestamptz) AND (g.valid_until IS NULL OR g.valid_until > @now::timestamptz)
ORDER BY g.agency = '', g.id LIMIT @size;

-- name: ListHolders :many
SELECT g.id, g.account_id, g.role, g.agency, g.boundary, g.source, g.valid_from, g.valid_until, r.permissions, a.name, a.status
FROM identity.role_grant g
JOIN identity.role r ON r.tenant_id = g.tenant_id AND r.code = g.role
JOIN identity.account a ON a.tenant_id = g.tenant_id AND a.id = g.account_id
WHERE (sqlc.narg('role')::text IS NULL OR g.role = sqlc.narg('role'))
  AND (sqlc.narg('agency')::text IS NULL OR g.agency = sqlc.narg('agency'))
  AND (sqlc.narg('permission')::text IS NULL OR sqlc.narg('permission') = ANY(r.permissions))
  AND (sqlc.narg('source')::text IS NULL OR split_part(g.source, ':', 1) = CASE sqlc.narg('source') WHEN 'hand' THEN '' ELSE sqlc.narg('source') END)
  AND (NOT @ending::boolean OR g.valid_until IS NOT NULL)
  AND (cardinality(@tokens::bytea[]) = 0 OR g.account_id IN (
    SELECT n.account_id FROM identity.name_token n WHERE n.token = ANY(@tokens::bytea[]) GROUP BY n.account_id HAVING count(*) = @words::int))
  AND (sqlc.narg('within')::text[] IS NULL OR g.agency = ANY(sqlc.narg('within')::text[]))
  AND (sqlc.narg('after')::uuid IS NULL OR g.id < sqlc.narg('after'))
ORDER BY g.id DESC LIMIT @size;

-- name: ListHoldersOf :many
-- Whoever has one of the permissions now, where it counts for an agency: whom the module writes to.
SELECT DISTINCT a.id, a.lang FROM identity.role_grant g
JOIN identity.role r ON r.tenant_id = g.tenant_id AND r.code = g.role
JOIN identity.account a ON a.tenant_id = g.tenant_id AND a.id = g.account_id
WHERE g.agency IN ('', @agency::text) AND r.permissions && @permissions::text[] AND a.status = 'active'
  AND (g.valid_from IS NULL OR g.valid_from <= @now::timestamptz) AND (g.valid_until IS NULL OR g.valid_until > @now::timestamptz)
ORDER BY a.id;

-- name: InsertEmergency :exec
INSERT INTO identity.emergency (id, account_id, role, agency, reason, began_at, until) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: LockEmergency :one
SELECT id, account_id, role, agency, until, ended_at FROM identity.emergency WHERE id = $1 FOR UPDATE;

-- name: EndEmergency :exec
UPDATE identity.emergency SET ended_at = @ended_at WHERE id = @id AND ended_at IS NULL;

-- name: DeleteSourceGrants :execrows
DELETE FROM identity.role_grant WHERE account_id = @account_id AND source = @source;

-- name: ListEmergencies :many
SELECT e.id, e.account_id, e.role, e.agency, e.reason, e.began_at, e.until, e.ended_at, a.name FROM identity.emergency e
JOIN identity.account a ON a.tenant_id = e.tenant_id AND a.id = e.account_id
WHERE (sqlc.narg('id')::uuid IS NULL OR e.id = sqlc.narg('id'))
  AND (sqlc.narg('account')::uuid IS NULL OR e.account_id = sqlc.narg('account'))
  AND (NOT @open::boolean OR e.ended_at IS NULL AND e.until > @now::timestamptz)
  AND (sqlc.narg('within')::text[] IS NULL OR e.agency = ANY(sqlc.narg('within')::text[]))
  AND (sqlc.narg('after')::uuid IS NULL OR e.id < sqlc.narg('after'))
ORDER BY e.id DESC LIMIT @size;

-- name: GetGrantTime :one
SELECT g.id, g.account_id, g.role, g.agency, g.granted_by, g.valid_until FROM identity.role_grant g WHERE g.id = $1;

-- name: ListHoldersOfRole :many
-- Whoever has a role now in an agency where it counts for one of the areas: who can be given work.
SELECT DISTINCT a.id, a.lang FROM identity.role_grant g
JOIN identity.account a ON a.tenant_id = g.tenant_id AND a.id = g.account_id
WHERE g.agency IN ('', @agency::text) AND g.role = @role AND (g.boundary = '' OR g.boundary = ANY (@areas::text[])) AND a.status = 'active'
  AND (g.valid_from IS NULL OR g.valid_from <= @now::timestamptz) AND (g.valid_until IS NULL OR g.valid_until > @now::timestamptz)
ORDER BY a.id;
