-- name: InsertFile :exec
INSERT INTO document.file (id, person_id, purpose, name, media_type, size, sha256, scan, created_by, created_at)
VALUES (@id, @person_id, @purpose, @name, @media_type, @size, @sha256, @scan, @created_by, @created_at);

-- name: InsertChunk :exec
INSERT INTO document.chunk (file_id, seq, content)
VALUES (@file_id, @seq, @content);

-- name: GetFile :one
SELECT id, person_id, purpose, name, media_type, size, sha256, scan, finding, created_at
FROM document.file
WHERE id = @id AND deleted_at IS NULL;

-- name: ListScans :many
SELECT id, scan
FROM document.file
WHERE id = ANY(@ids::uuid[]) AND deleted_at IS NULL;

-- name: SetScan :one
UPDATE document.file
SET scan = @scan, finding = @finding, scanned_at = @scanned_at
WHERE id = @id AND scan = 'waiting' AND deleted_at IS NULL
RETURNING person_id;

-- name: GetChunk :one
SELECT content
FROM document.chunk
WHERE file_id = @file_id AND seq = @seq;

-- name: SetFileDeleted :one
UPDATE document.file
SET deleted_at = @deleted_at
WHERE id = @id AND deleted_at IS NULL
RETURNING person_id;

-- name: DeleteChunks :exec
DELETE FROM document.chunk
WHERE file_id = @file_id;

-- name: ListFiles :many
SELECT id, person_id, purpose, name, media_type, size, sha256, scan, finding, created_at
FROM document.file
WHERE id = ANY(@ids::uuid[]) AND deleted_at IS NULL;
