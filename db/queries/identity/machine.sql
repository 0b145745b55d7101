-- name: InsertMachine :exec
INSERT INTO identity.machine (id, name, kind, permissions, agency, created_at, created_by, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: LockMachine :one
SELECT id, name, kind, permissions, agency, created_by, expires_at, revoked_at FROM identity.machine WHERE id = $1 FOR UPDATE;

-- name: SetMachineExpiry :exec
UPDATE identity.machine SET expires_at = @expires_at WHERE id = @id;

-- name: RevokeMachine :exec
UPDATE identity.machine SET revoked_at = @revoked_at WHERE id = @id AND revoked_at IS NULL;

-- name: ListMachines :many
SELECT id, name, kind, permissions, agency, created_at, created_by, expires_at, revoked_at, used_at FROM identity.machine
WHERE (sqlc.narg('id')::uuid IS NULL OR id = sqlc.narg('id'))
  AND (NOT @working::boolean OR revoked_at IS NULL AND expires_at > @now::timestamptz)
  AND (sqlc.narg('within')::text[] IS NULL OR agency = ANY(sqlc.narg('within')::text[]))
  AND (@query::text = '' OR position(lower(@query) IN lower(name)) > 0)
  AND (sqlc.narg('after')::uuid IS NULL OR id < sqlc.narg('after'))
ORDER BY id DESC LIMIT @size;

-- name: InsertSecret :exec
INSERT INTO identity.machine_secret (id, machine_id, prefix, secret_hash, created_at) VALUES ($1, $2, $3, $4, $5);

-- name: EndSecrets :exec
-- Those of a machine that still count end then, if they would not end sooner.
UPDATE identity.machine_secret SET ends_at = @ends_at WHERE machine_id = @machine_id AND (ends_at IS NULL OR ends_at > @ends_at);

-- name: ListSecrets :many
SELECT id, machine_id, prefix, created_at, ends_at FROM identity.machine_secret
WHERE machine_id = ANY(@machines::uuid[]) AND (ends_at IS NULL OR ends_at > @now::timestamptz) ORDER BY machine_id, created_at DESC;

-- name: GetClient :one
SELECT m.id, m.permissions, m.expires_at, m.revoked_at FROM identity.machine_secret s
JOIN identity.machine m ON m.tenant_id = s.tenant_id AND m.id = s.machine_id
WHERE s.secret_hash = @secret_hash AND m.id = @machine_id AND m.kind = 'client' AND (s.ends_at IS NULL OR s.ends_at > @now::timestamptz);

-- name: InsertToken :exec
INSERT INTO identity.machine_token (token_hash, machine_id, permissions, expires_at) VALUES ($1, $2, $3, $4);

-- name: DeleteTokens :exec
DELETE FROM identity.machine_token WHERE machine_id = $1;

-- name: CallMachine :one
-- NULL where nobody calls so.
SELECT coalesce(identity.call_machine(@hash, @now::timestamptz, @tenant_now::timestamptz), 'null')::jsonb AS machine;

-- name: CountCall :one
INSERT INTO identity.machine_use AS u (machine_id, minute, calls) VALUES (@machine_id, date_trunc('minute', @now::timestamptz), 1)
ON CONFLICT (tenant_id, machine_id, minute) DO UPDATE SET calls = u.calls + 1 RETURNING u.calls;

-- name: DeleteOldUse :execrows
DELETE FROM identity.machine_use WHERE minute < @before;

-- name: DeleteOldTokens :execrows
DELETE FROM identity.machine_token WHERE expires_at < @before;

-- name: DeleteOldSecrets :execrows
DELETE FROM identity.machine_secret WHERE ends_at < @before;
