-- name: InsertCall :exec
INSERT INTO desk.call (id, agency, office, person_id, way, outcome, reference, text, by_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: ListCalls :many
SELECT * FROM desk.call WHERE (sqlc.narg(person)::uuid IS NULL OR person_id = sqlc.narg(person))
  AND (sqlc.narg(person)::uuid IS NOT NULL OR agency = @agency AND office = @office) AND (@outcome::text = '' OR outcome = @outcome)
  AND (sqlc.narg(before)::uuid IS NULL OR id < sqlc.narg(before)) ORDER BY id DESC LIMIT @size;

-- name: PageCalls :many
-- What is sealed, without what is in it: the first six bytes tell by which key.
SELECT id, substring(text FROM 1 FOR 6)::bytea AS head FROM desk.call WHERE person_id = @person AND id > @after ORDER BY id LIMIT @size;

-- name: LockCall :one
SELECT text FROM desk.call WHERE id = $1 FOR UPDATE;

-- name: SetCall :exec
UPDATE desk.call SET text = $2 WHERE id = $1;
