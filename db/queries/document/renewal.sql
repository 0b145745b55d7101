-- Pages of what is sealed, without what is in it: the first six bytes tell by which key.

-- name: PageFileNames :many
SELECT id, substring(name FROM 1 FOR 6)::bytea AS head FROM document.file WHERE person_id = @person AND id > @after ORDER BY id LIMIT @size;

-- name: LockFileName :one
SELECT person_id, name FROM document.file WHERE id = $1 FOR UPDATE;

-- name: SetFileName :exec
UPDATE document.file SET name = $2 WHERE id = $1;

-- name: PageChunks :many
SELECT c.file_id, c.seq, substring(c.content FROM 1 FOR 6)::bytea AS head
FROM document.file f JOIN document.chunk c ON c.tenant_id = f.tenant_id AND c.file_id = f.id
WHERE f.person_id = @person AND f.id >= @file AND (c.file_id, c.seq) > (@file::uuid, @seq::int) ORDER BY c.file_id, c.seq LIMIT @size;

-- name: LockChunk :one
SELECT f.person_id, c.content FROM document.chunk c JOIN document.file f ON f.tenant_id = c.tenant_id AND f.id = c.file_id
WHERE c.file_id = $1 AND c.seq = $2 FOR UPDATE OF c;

-- name: SetChunk :exec
UPDATE document.chunk SET content = $3 WHERE file_id = $1 AND seq = $2;
