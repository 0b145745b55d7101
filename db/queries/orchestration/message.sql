-- name: InsertMessage :execrows
INSERT INTO orchestration.message (id, application_id, side, author_id, words, files, at)
VALUES (@id, @application_id, @side, sqlc.narg(author_id), @words, sqlc.narg(files), @at) ON CONFLICT DO NOTHING;

-- name: GetMessageOwner :one
SELECT application_id FROM orchestration.message WHERE id = @id;

-- name: ListMessages :many
SELECT id, side, author_id, words, files, at, read_at FROM orchestration.message WHERE application_id = @application_id ORDER BY at, id;

-- name: SetMessagesRead :execrows
UPDATE orchestration.message SET read_at = @now::timestamptz WHERE application_id = @application_id AND side = @side AND read_at IS NULL AND at <= @until;

-- name: CountUnreadMessages :many
SELECT application_id, count(*) AS unread FROM orchestration.message
WHERE application_id = ANY(@application_ids::uuid[]) AND side = @side AND read_at IS NULL GROUP BY application_id;

-- name: PageMessages :many
SELECT m.id, substring(m.words FROM 1 FOR 6)::bytea AS words, substring(m.files FROM 1 FOR 6)::bytea AS files
FROM orchestration.application r JOIN orchestration.message m ON m.tenant_id = r.tenant_id AND m.application_id = r.id
WHERE r.person_id = @person AND m.id > @after ORDER BY m.id LIMIT @size;

-- name: LockMessage :one
SELECT r.person_id, m.words, m.files FROM orchestration.message m JOIN orchestration.application r ON r.tenant_id = m.tenant_id AND r.id = m.application_id
WHERE m.id = $1 FOR UPDATE OF m;

-- name: SetMessageSealed :exec
UPDATE orchestration.message SET words = $2, files = $3 WHERE id = $1;
