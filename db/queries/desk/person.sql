-- name: GetPerson :one
SELECT account_id, card FROM desk.person WHERE account_id = $1;

-- name: PutPerson :exec
INSERT INTO desk.person (account_id, card, agency, office, written_by, written_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant_id, account_id) DO UPDATE
SET card = excluded.card, agency = excluded.agency, office = excluded.office, written_by = excluded.written_by, written_at = excluded.written_at;

-- name: DeletePerson :exec
DELETE FROM desk.person WHERE account_id = $1;

-- name: DeleteTokens :exec
DELETE FROM desk.person_token WHERE account_id = $1;

-- name: InsertTokens :exec
INSERT INTO desk.person_token (token, account_id) SELECT DISTINCT unnest(@tokens::bytea[]), @account_id::uuid;

-- name: FindPeople :many
-- Who has any of the tokens, and how many of them.
SELECT account_id, count(*)::int AS hits FROM desk.person_token WHERE token = ANY(@tokens::bytea[])
GROUP BY account_id ORDER BY hits DESC, account_id LIMIT @size;

-- Pages of what is sealed, without what is in it: the first six bytes tell by which key.

-- name: PageCards :many
SELECT account_id, substring(card FROM 1 FOR 6)::bytea AS head FROM desk.person WHERE account_id = @person AND account_id > @after ORDER BY account_id LIMIT @size;

-- name: LockCard :one
SELECT card FROM desk.person WHERE account_id = $1 FOR UPDATE;

-- name: SetCard :exec
UPDATE desk.person SET card = $2 WHERE account_id = $1;

-- name: PageTokens :many
SELECT DISTINCT ON (account_id) account_id, substring(token FROM 1 FOR 8)::bytea AS head FROM desk.person_token
WHERE account_id > @after ORDER BY account_id, token LIMIT @size;
