-- Pages of what is sealed, without what is in it: the first six bytes tell by which key.

-- name: PagePayerNames :many
SELECT id, substring(payer_name FROM 1 FOR 6)::bytea AS head FROM payment.demand
WHERE payer_id = @person AND id > @after AND payer_name IS NOT NULL ORDER BY id LIMIT @size;

-- name: SetPayerName :exec
UPDATE payment.demand SET payer_name = $2 WHERE id = $1;

-- name: PageGatewaySettings :many
SELECT code, substring(settings FROM 1 FOR 6)::bytea AS head FROM payment.gateway WHERE code > @after ORDER BY code LIMIT @size;

-- name: LockGateway :one
SELECT id, settings FROM payment.gateway WHERE code = $1 FOR UPDATE;

-- name: SetGatewaySettings :exec
UPDATE payment.gateway SET settings = $2 WHERE code = $1;
