-- Pages of what is sealed, without what is in it: the first six bytes tell by which key.

-- name: PagePayloads :many
SELECT id, substring(payload FROM 1 FOR 6)::bytea AS head FROM exchange.message WHERE person_id = @person AND id > @after ORDER BY id LIMIT @size;

-- name: LockPayload :one
SELECT person_id, payload FROM exchange.message WHERE id = $1 FOR UPDATE;

-- name: SetPayload :exec
UPDATE exchange.message SET payload = $2 WHERE id = $1;

-- name: PageRouteKeys :many
SELECT service, substring(key FROM 1 FOR 6)::bytea AS head FROM exchange.route WHERE service > @after ORDER BY service LIMIT @size;

-- name: LockRouteKey :one
SELECT key_id, key FROM exchange.route WHERE service = $1 FOR UPDATE;

-- name: SetRouteKey :exec
UPDATE exchange.route SET key = $2 WHERE service = $1;
