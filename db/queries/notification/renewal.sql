-- Pages of what is sealed, without what is in it: the first six bytes tell by which key.

-- name: PageMessagesOf :many
SELECT id, substring(address FROM 1 FOR 6)::bytea AS address, substring(subject FROM 1 FOR 6)::bytea AS subject, substring(text FROM 1 FOR 6)::bytea AS text
FROM notification.message WHERE person_id = @person::uuid AND id > @after ORDER BY id LIMIT @size;

-- name: PageMessagesOfNobody :many
SELECT id, substring(address FROM 1 FOR 6)::bytea AS address, substring(subject FROM 1 FOR 6)::bytea AS subject, substring(text FROM 1 FOR 6)::bytea AS text
FROM notification.message WHERE person_id IS NULL AND id > @after ORDER BY id LIMIT @size;

-- name: LockMessage :one
SELECT person_id, address, subject, text FROM notification.message WHERE id = $1 FOR UPDATE;

-- name: SetMessageSealed :exec
UPDATE notification.message SET address = $2, subject = $3, text = $4 WHERE id = $1;

-- name: PageProviderSettings :many
SELECT channel, substring(settings FROM 1 FOR 6)::bytea AS head FROM notification.provider WHERE channel > @after ORDER BY channel LIMIT @size;

-- name: LockProvider :one
SELECT id, settings FROM notification.provider WHERE channel = $1 FOR UPDATE;

-- name: SetProviderSettings :exec
UPDATE notification.provider SET settings = $2 WHERE channel = $1;
