-- name: InsertSink :exec
INSERT INTO audit.sink (id, kind, address, created_at) VALUES (@id, @kind, @address, @created_at);

-- name: ListSinks :many
SELECT id, kind, address, created_at FROM audit.sink ORDER BY id;

-- name: DeleteSink :execrows
DELETE FROM audit.sink WHERE id = @id;

-- name: InsertDelivery :exec
INSERT INTO audit.delivery (id, sink, size, at, failure) VALUES (@id, @sink, @size, @at, @failure);

-- name: ListDeliveries :many
SELECT id, sink, size, at, failure FROM audit.delivery WHERE size = ANY(@sizes::bigint[]) ORDER BY id;

-- name: ListLastDeliveries :many
SELECT DISTINCT ON (sink) sink, size, at, failure,
  (SELECT coalesce(max(ok.at), 'epoch') FROM audit.delivery ok WHERE ok.sink = d.sink AND ok.failure = '')::timestamptz AS arrived_at
FROM audit.delivery d WHERE sink = ANY(@sinks::text[]) ORDER BY sink, id DESC;

-- name: InsertVerification :exec
INSERT INTO audit.verification (id, quick, started_at, total) VALUES (@id, @quick, @started_at, @total);

-- name: SetVerificationProgress :exec
UPDATE audit.verification SET rows = @rows, total = @total WHERE id = @id;

-- name: FinishVerification :exec
UPDATE audit.verification SET state = @state, finished_at = @finished_at, rows = @rows, total = @total, report = @report WHERE id = @id;

-- name: ListVerifications :many
SELECT id, quick, state, started_at, finished_at, total, rows, report FROM audit.verification
WHERE (sqlc.narg('after')::uuid IS NULL OR id < sqlc.narg('after')) ORDER BY id DESC LIMIT @size;

-- name: GetLastVerification :one
SELECT id, quick, state, started_at, finished_at, total, rows, report FROM audit.verification
WHERE NOT quick AND state IN ('whole', 'broken') ORDER BY id DESC LIMIT 1;

-- name: InsertExport :exec
INSERT INTO audit.export (id, asked_by, asked_at, filter) VALUES (@id, @asked_by, @asked_at, @filter);

-- name: GetExport :one
SELECT id, asked_by, asked_at, filter, state, rows, file_id, finished_at FROM audit.export WHERE id = @id;

-- name: ListExports :many
SELECT id, asked_by, asked_at, filter, state, rows, file_id, finished_at FROM audit.export WHERE asked_by = @asked_by ORDER BY id DESC LIMIT @size;

-- name: FinishExport :exec
UPDATE audit.export SET state = @state, rows = @rows, file_id = @file_id, finished_at = @finished_at WHERE id = @id;

-- name: GetSlug :one
SELECT slug FROM platform.tenant WHERE id = @tenant;
