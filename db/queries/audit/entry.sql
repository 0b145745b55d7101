-- name: InsertEntry :exec
INSERT INTO audit.entry (id, at, recorded_at, actor_id, actor_kind, on_behalf_id, session_id, ip, request, action, object, object_id, person_id, reason, detail, leaf)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);

-- name: ListEntries :many
SELECT id, at, recorded_at, actor_id, actor_kind, on_behalf_id, session_id, ip, request, action, object, object_id, person_id, reason, detail,
  EXISTS (SELECT FROM audit.link l WHERE l.entry_id = entry.id)::boolean AS sealed
FROM audit.entry
WHERE (sqlc.narg('action')::text IS NULL OR action = sqlc.narg('action'))
  AND (sqlc.narg('object')::text IS NULL OR object = sqlc.narg('object'))
  AND (sqlc.narg('object_id')::uuid IS NULL OR object_id = sqlc.narg('object_id'))
  AND (sqlc.narg('actor_id')::uuid IS NULL OR actor_id = sqlc.narg('actor_id') OR on_behalf_id = sqlc.narg('actor_id'))
  AND (sqlc.narg('person_id')::uuid IS NULL OR person_id = sqlc.narg('person_id'))
  AND (sqlc.narg('since')::timestamptz IS NULL OR at >= sqlc.narg('since'))
  AND (sqlc.narg('before')::timestamptz IS NULL OR at < sqlc.narg('before'))
  AND (sqlc.narg('after')::uuid IS NULL OR id < sqlc.narg('after'))
ORDER BY id DESC LIMIT @size;

-- name: LockChain :exec
SELECT pg_advisory_xact_lock(hashtextextended('audit.seal:' || (SELECT platform.current_tenant())::text, 0));

-- name: GetLastLink :one
SELECT seq, hash, sealed_at FROM audit.link ORDER BY seq DESC LIMIT 1;

-- name: ListUnsealed :many
SELECT e.id, e.leaf FROM audit.entry e
WHERE e.recorded_at >= @since AND NOT EXISTS (SELECT FROM audit.link l WHERE l.entry_id = e.id)
ORDER BY e.recorded_at, e.id LIMIT @size;

-- name: InsertLinks :exec
INSERT INTO audit.link (seq, entry_id, prev, hash, sealed_at)
SELECT unnest(@seqs::bigint[]), unnest(@entries::uuid[]), unnest(@prevs::bytea[]), unnest(@hashes::bytea[]), @sealed_at::timestamptz;

-- name: ListLinks :many
SELECT seq, entry_id, prev, hash FROM audit.link WHERE seq > @after ORDER BY seq LIMIT @size;

-- name: GetEntries :many
SELECT tenant_id, id, at, recorded_at, actor_id, actor_kind, on_behalf_id, session_id, ip, request, action, object, object_id, person_id, reason, detail, leaf
FROM audit.entry WHERE id = ANY(@ids::uuid[]);

-- name: ListOutsideChain :many
SELECT tenant_id, id, at, recorded_at, actor_id, actor_kind, on_behalf_id, session_id, ip, request, action, object, object_id, person_id, reason, detail, leaf
FROM audit.entry
WHERE id > @after AND NOT EXISTS (SELECT FROM audit.link l WHERE l.entry_id = entry.id)
ORDER BY id LIMIT @size;
