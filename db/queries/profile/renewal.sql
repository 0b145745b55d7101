-- name: PageNames :many
-- What is sealed, without what is in it: the first six bytes tell by which key.
SELECT account_id, substring(name FROM 1 FOR 6)::bytea AS head FROM profile.person WHERE account_id = @person AND account_id > @after ORDER BY account_id LIMIT @size;

-- name: LockName :one
SELECT name FROM profile.person WHERE account_id = $1 FOR UPDATE;

-- name: SetName :exec
UPDATE profile.person SET name = $2 WHERE account_id = $1;
