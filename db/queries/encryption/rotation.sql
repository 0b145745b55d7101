-- name: InsertRotation :exec
INSERT INTO encryption.rotation (id, purpose, person_id, state, old_key, new_key, started_by, started_at, ready_at)
VALUES ($1, $2, $3, 'spreading', $4, $5, $6, $7, $8);

-- name: GetRotation :one
SELECT tenant_id, id, purpose, person_id, state, paused, old_key, new_key, started_by, started_at, ready_at, promoted_at, rested_at, destroy_at, ended_at, worked_at, renewed_at
FROM encryption.rotation WHERE id = $1;

-- name: LockRotation :one
SELECT tenant_id, id, purpose, person_id, state, paused, old_key, new_key, started_by, started_at, ready_at, promoted_at, rested_at, destroy_at, ended_at, worked_at, renewed_at
FROM encryption.rotation WHERE id = $1 FOR UPDATE;

-- name: TryRotation :one
SELECT tenant_id, id, purpose, person_id, state, paused, old_key, new_key, started_by, started_at, ready_at, promoted_at, rested_at, destroy_at, ended_at, worked_at, renewed_at
FROM encryption.rotation WHERE id = $1 FOR UPDATE SKIP LOCKED;

-- name: SetRotation :exec
UPDATE encryption.rotation SET state = @state, paused = @paused, promoted_at = @promoted_at, rested_at = @rested_at, destroy_at = @destroy_at,
  ended_at = @ended_at, worked_at = @worked_at, renewed_at = @renewed_at
WHERE id = @id;

-- name: ListRotations :many
SELECT tenant_id, id, purpose, person_id, state, paused, old_key, new_key, started_by, started_at, ready_at, promoted_at, rested_at, destroy_at, ended_at, worked_at, renewed_at
FROM encryption.rotation WHERE (sqlc.narg('before')::uuid IS NULL OR id < sqlc.narg('before')) ORDER BY id DESC LIMIT @size;

-- name: ListOpenRotations :many
SELECT tenant_id, id, purpose, person_id, state, paused, old_key, new_key, started_by, started_at, ready_at, promoted_at, rested_at, destroy_at, ended_at, worked_at, renewed_at
FROM encryption.rotation WHERE state = ANY(ARRAY['spreading', 'counting', 'renewing', 'blocked', 'resting']) ORDER BY id;

-- name: PutRotationColumn :exec
INSERT INTO encryption.rotation_column (rotation_id, name) VALUES (@rotation_id, @name)
ON CONFLICT (tenant_id, rotation_id, name) DO UPDATE SET total = 0, remaining = 0, last = '', passed = false,
  unreadable = CASE WHEN @afresh::boolean THEN 0 ELSE rotation_column.unreadable END;

-- name: RewindRotationColumns :exec
UPDATE encryption.rotation_column SET last = '', passed = (remaining = 0), unreadable = 0 WHERE rotation_id = $1;

-- name: ListRotationColumns :many
SELECT name, total, remaining, unreadable, last, passed FROM encryption.rotation_column WHERE rotation_id = $1 ORDER BY name;

-- name: SetRotationColumn :exec
UPDATE encryption.rotation_column SET total = @total, remaining = @remaining, unreadable = @unreadable, last = @last, passed = @passed
WHERE rotation_id = @rotation_id AND name = @name;
