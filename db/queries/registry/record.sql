-- name: FindWritten :one
SELECT record_id
FROM registry.version
WHERE source = @source AND source_id = @source_id;

-- name: LockRecord :one
SELECT id, register, key, holder_id, version, data, created_at, updated_at
FROM registry.record
WHERE register = @register AND key = @key
FOR UPDATE;

-- name: GetRecord :one
SELECT id, register, key, holder_id, version, data, created_at, updated_at
FROM registry.record
WHERE register = @register AND key = @key;

-- name: InsertRecord :exec
INSERT INTO registry.record (id, register, key, holder_id, version, data, created_at, updated_at)
VALUES (@id, @register, @key, '00000000-0000-0000-0000-000000000000', 0, '', @now, @now)
ON CONFLICT (tenant_id, register, key) DO NOTHING;

-- name: UpdateRecord :exec
UPDATE registry.record
SET version = @version, holder_id = @holder_id, data = @data, updated_at = @now
WHERE id = @id;

-- name: InsertVersion :exec
INSERT INTO registry.version (record_id, version, holder_id, data, source, source_id, written_by, written_at)
VALUES (@record_id, @version, @holder_id, @data, @source, @source_id, @written_by, @written_at);

-- name: ListRecords :many
SELECT id, register, key, holder_id, version, created_at, updated_at
FROM registry.record
WHERE register = @register
  AND (@before::uuid = '00000000-0000-0000-0000-000000000000' OR id < @before)
ORDER BY id DESC
LIMIT @count;
