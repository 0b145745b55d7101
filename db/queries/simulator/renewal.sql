-- Pages of what is sealed or indexed, without what is in it: the first six bytes of a sealed value and the first eight of an
-- index tell by which key it was made.

-- name: PageMessages :many
SELECT id, substring(address FROM 1 FOR 6)::bytea AS address, substring(subject FROM 1 FOR 6)::bytea AS subject, substring(text FROM 1 FOR 6)::bytea AS text,
  substring(address_index FROM 1 FOR 8)::bytea AS address_index
FROM simulator.message WHERE id > @after ORDER BY id LIMIT @size;

-- name: LockMessage :one
SELECT address, subject, text FROM simulator.message WHERE id = $1 FOR UPDATE;

-- name: SetMessageSealed :exec
UPDATE simulator.message SET address = $2, subject = $3, text = $4, address_index = $5 WHERE id = $1;

-- name: PagePeople :many
SELECT id, substring(claims FROM 1 FOR 6)::bytea AS head FROM simulator.person WHERE id > @after ORDER BY id LIMIT @size;

-- name: LockClaims :one
SELECT claims FROM simulator.person WHERE id = $1 FOR UPDATE;

-- name: SetClaims :exec
UPDATE simulator.person SET claims = $2 WHERE id = $1;

-- name: PageCases :many
SELECT id, substring(request FROM 1 FOR 6)::bytea AS request, substring(answer FROM 1 FOR 6)::bytea AS answer FROM simulator.foreign_case WHERE id > @after ORDER BY id LIMIT @size;

-- name: SetCaseSealed :exec
UPDATE simulator.foreign_case SET request = $2, answer = $3 WHERE id = $1;

-- name: PageSecrets :many
SELECT purpose, substring(secret FROM 1 FOR 6)::bytea AS head FROM simulator.secret WHERE purpose > @after ORDER BY purpose LIMIT @size;

-- name: GetSecret :one
SELECT id, secret FROM simulator.secret WHERE purpose = $1;

-- name: LockSecret :one
SELECT id, secret FROM simulator.secret WHERE purpose = $1 FOR UPDATE;

-- name: InsertSecret :exec
INSERT INTO simulator.secret (purpose, id, secret) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- name: SetSecret :exec
UPDATE simulator.secret SET secret = $2 WHERE purpose = $1;

-- name: PageMedia :many
SELECT id, substring(content FROM 1 FOR 6)::bytea AS head FROM simulator.media WHERE id > @after ORDER BY id LIMIT @size;

-- name: LockMedia :one
SELECT content FROM simulator.media WHERE id = $1 FOR UPDATE;

-- name: SetMediaContent :exec
UPDATE simulator.media SET content = $2 WHERE id = $1;
