-- name: PageSinks :many
-- What is sealed, without what is in it: the first six bytes tell by which key.
SELECT id, substring(address FROM 1 FOR 6)::bytea AS head FROM audit.sink WHERE id > @after ORDER BY id LIMIT @size;

-- name: LockSink :many
SELECT address FROM audit.sink WHERE id = $1 FOR UPDATE;

-- name: SetSinkAddress :exec
UPDATE audit.sink SET address = $2 WHERE id = $1;
