-- name: InsertRedaction :execrows
INSERT INTO workbench.redaction (id, application_id, file_id, boxes, reason, made_by, made_at)
VALUES (@id, @application_id, @file_id, @boxes, @reason, @made_by, @made_at) ON CONFLICT DO NOTHING;

-- name: GetRedaction :one
SELECT * FROM workbench.redaction WHERE id = @id;

-- name: ListRedactions :many
SELECT * FROM workbench.redaction WHERE application_id = @application_id AND status <> 'withdrawn' ORDER BY made_at DESC, id DESC LIMIT 200;

-- name: ListCopies :many
-- Of each file the last copy; null while it is not made.
SELECT DISTINCT ON (file_id) file_id, copy_id FROM workbench.redaction
WHERE file_id = ANY (sqlc.arg(files)::uuid[]) AND status <> 'withdrawn' ORDER BY file_id, made_at DESC, id DESC;

-- name: SetRedactionMade :execrows
UPDATE workbench.redaction SET status = 'made', copy_id = @copy_id WHERE id = @id AND status = 'making';

-- name: SetRedactionStatus :execrows
UPDATE workbench.redaction SET status = @status WHERE id = @id AND status = ANY (sqlc.arg(was)::text[]);
