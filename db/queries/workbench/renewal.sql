-- name: PageNotes :many
-- What is sealed, without what is in it: the first six bytes tell by which key.
SELECT id, application_id, substring(text FROM 1 FOR 6)::bytea AS head FROM workbench.note WHERE id > @after ORDER BY id LIMIT @size;

-- name: LockNote :one
SELECT text FROM workbench.note WHERE id = $1 FOR UPDATE;

-- name: SetNoteText :exec
UPDATE workbench.note SET text = $2 WHERE id = $1;
