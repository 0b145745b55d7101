-- name: ListRootKeys :many
SELECT id, kept, state, succeeds, created_at, ready_at FROM encryption.root_key ORDER BY created_at, id;

-- name: ListRootCopies :many
SELECT root_id, wrapped_by, keystore, wrapped FROM encryption.root_copy ORDER BY created_at, root_id, wrapped_by;

-- name: InsertFirstRoot :exec
WITH fresh AS (
  INSERT INTO encryption.root_key (id, kept, state, ready_at) VALUES (@id, @kept, 'active', @ready_at) ON CONFLICT DO NOTHING RETURNING id, kept)
INSERT INTO encryption.root_copy (root_id, wrapped_by, keystore, wrapped) SELECT fresh.id, fresh.kept, true, @wrapped FROM fresh;

-- name: InsertRootKey :execrows
INSERT INTO encryption.root_key (id, kept, state, succeeds, ready_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING;

-- name: InsertRootCopy :exec
INSERT INTO encryption.root_copy (root_id, wrapped_by, keystore, wrapped) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;

-- name: SetRootState :exec
UPDATE encryption.root_key SET state = $2 WHERE id = $1;

-- name: DeleteRootCopy :exec
DELETE FROM encryption.root_copy WHERE root_id = $1;

-- name: DeleteRootCopiesBy :execrows
DELETE FROM encryption.root_copy WHERE wrapped_by = $1;
