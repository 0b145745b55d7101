-- name: LockLog :exec
SELECT pg_advisory_xact_lock(hashtextextended('audit.sequence:' || (SELECT platform.current_tenant())::text, 0));

-- name: GetHead :one
SELECT s.seq, s.sequenced_at, coalesce((SELECT max(c.size) FROM audit.checkpoint c), 0)::bigint AS signed
FROM audit.sequence s ORDER BY s.seq DESC LIMIT 1;

-- OFFSET 0 keeps the look-up a look-up: joined instead, a plan made while the log was short goes on to read all of it.
-- name: ListUnsequenced :many
SELECT e.id, e.leaf FROM audit.entry e
WHERE e.recorded_at >= @since AND NOT EXISTS (SELECT FROM audit.sequence s WHERE s.tenant_id = e.tenant_id AND s.entry_id = e.id OFFSET 0)
ORDER BY e.recorded_at, e.id LIMIT @size;

-- name: CountWaiting :one
SELECT count(*), coalesce(min(e.recorded_at), 'epoch')::timestamptz AS oldest FROM audit.entry e
WHERE e.recorded_at >= @since AND NOT EXISTS (SELECT FROM audit.sequence s WHERE s.tenant_id = e.tenant_id AND s.entry_id = e.id OFFSET 0);

-- name: InsertPlaces :exec
INSERT INTO audit.sequence (seq, entry_id, sequenced_at, hashes, digest)
SELECT unnest(@seqs::bigint[]), unnest(@entries::uuid[]), @sequenced_at::timestamptz, unnest(@hashes::bytea[]), unnest(@digests::bytea[]);

-- name: GetPlaces :many
SELECT seq, entry_id, sequenced_at, hashes, digest FROM audit.sequence WHERE seq = ANY(@seqs::bigint[]);

-- name: ListPlaces :many
SELECT seq, entry_id, sequenced_at, hashes, digest FROM audit.sequence WHERE seq > @after AND seq <= @until ORDER BY seq LIMIT @size;

-- name: GetChainEnd :one
SELECT head FROM audit.chain WHERE NOT EXISTS (SELECT FROM audit.checkpoint);

-- name: InsertCheckpoint :exec
INSERT INTO audit.checkpoint (size, root, note, signed_at) VALUES (@size, @root, @note, @signed_at);

-- name: GetLatestCheckpoint :one
SELECT size, root, note, signed_at FROM audit.checkpoint ORDER BY size DESC LIMIT 1;

-- name: GetCheckpoint :one
SELECT size, root, note, signed_at FROM audit.checkpoint WHERE size = @size;

-- name: GetCovering :one
SELECT size, root, note, signed_at FROM audit.checkpoint WHERE size > @seq::bigint ORDER BY size LIMIT 1;

-- name: ListCheckpoints :many
SELECT size, root, note, signed_at FROM audit.checkpoint
WHERE (sqlc.narg('before')::bigint IS NULL OR size < sqlc.narg('before')) ORDER BY size DESC LIMIT @max_rows;

-- name: ListCheckpointsBetween :many
SELECT size, root, note, signed_at FROM audit.checkpoint WHERE size > @after AND size <= @until ORDER BY size LIMIT @max_rows;

-- name: HasPlace :one
SELECT EXISTS (SELECT FROM audit.sequence WHERE entry_id = @entry_id);
