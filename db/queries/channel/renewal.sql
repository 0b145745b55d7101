-- Pages of what is sealed, without what is in it: the first six bytes tell by which key, the first eight of an index.

-- name: PageTalksOf :many
SELECT id, substring(body FROM 1 FOR 6)::bytea AS head FROM channel.talk WHERE person_id = @person::uuid AND id > @after ORDER BY id LIMIT @size;

-- name: PageTalksOfNobody :many
SELECT id, substring(body FROM 1 FOR 6)::bytea AS head FROM channel.talk WHERE person_id IS NULL AND id > @after ORDER BY id LIMIT @size;

-- name: PageTalkNumbers :many
SELECT id, substring(number_index FROM 1 FOR 8)::bytea AS head FROM channel.talk WHERE id > @after ORDER BY id LIMIT @size;

-- name: SetTalkBody :exec
UPDATE channel.talk SET body = $2 WHERE id = $1;

-- name: SetTalkNumber :exec
UPDATE channel.talk SET number_index = $2 WHERE id = $1;

-- name: PageHeardOf :many
SELECT id, substring(body FROM 1 FOR 6)::bytea AS head FROM channel.heard WHERE person_id = @person::uuid AND id > @after ORDER BY id LIMIT @size;

-- name: PageHeardOfNobody :many
SELECT id, substring(body FROM 1 FOR 6)::bytea AS head FROM channel.heard WHERE person_id IS NULL AND id > @after ORDER BY id LIMIT @size;

-- name: LockHeard :one
SELECT * FROM channel.heard WHERE id = $1 FOR UPDATE;

-- name: SetHeardBody :exec
UPDATE channel.heard SET body = $2 WHERE id = $1;
