-- name: InsertVisit :exec
INSERT INTO desk.visit (id, person_id, operator_id, agency, office, proof, document_id, begun_at, until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: EndVisits :exec
UPDATE desk.visit SET ended_at = @now WHERE operator_id = @operator_id AND ended_at IS NULL AND until > @now::timestamptz;

-- name: GetVisit :one
SELECT * FROM desk.visit WHERE id = $1;

-- name: ListVisits :many
SELECT * FROM desk.visit WHERE agency = @agency AND office = @office AND (sqlc.narg(operator)::uuid IS NULL OR operator_id = sqlc.narg(operator))
  AND (sqlc.narg(person)::uuid IS NULL OR person_id = sqlc.narg(person)) AND (sqlc.narg(before)::uuid IS NULL OR id < sqlc.narg(before))
ORDER BY id DESC LIMIT @size;
