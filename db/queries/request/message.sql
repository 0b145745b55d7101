-- name: InsertMessage :execrows
INSERT INTO request.message (id, request_id, side, author_id, words, files, at)
VALUES (@id, @request_id, @side, sqlc.narg(author_id), @words, sqlc.narg(files), @at) ON CONFLICT DO NOTHING;

-- name: GetMessageOwner :one
SELECT request_id FROM request.message WHERE id = @id;

-- name: ListMessages :many
SELECT id, side, author_id, words, files, at, read_at FROM request.message WHERE request_id = @request_id ORDER BY at, id;

-- name: SetMessagesRead :execrows
UPDATE request.message SET read_at = @now::timestamptz WHERE request_id = @request_id AND side = @side AND read_at IS NULL AND at <= @until;

-- name: CountUnreadMessages :many
SELECT request_id, count(*) AS unread FROM request.message
WHERE request_id = ANY(@request_ids::uuid[]) AND side = @side AND read_at IS NULL GROUP BY request_id;

-- name: PageMessages :many
SELECT m.id, substring(m.words FROM 1 FOR 6)::bytea AS words, substring(m.files FROM 1 FOR 6)::bytea AS files
FROM request.request r JOIN request.message m ON m.tenant_id = r.tenant_id AND m.request_id = r.id
WHERE r.person_id = @person AND m.id > @after ORDER BY m.id LIMIT @size;

-- name: LockMessage :one
SELECT r.person_id, m.words, m.files FROM request.message m JOIN request.request r ON r.tenant_id = m.tenant_id AND r.id = m.request_id
WHERE m.id = $1 FOR UPDATE OF m;

-- name: SetMessageSealed :exec
UPDATE request.message SET words = $2, files = $3 WHERE id = $1;
