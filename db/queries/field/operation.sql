-- name: InsertOperation :execrows
INSERT INTO field.operation (id, device_id, account_id, application_id, person_id, branch, action, rev, payload, outcome, told, made_at, received_at, decided_at)
VALUES (@id, @device_id, @account_id, @application_id, @person_id, @branch, @action, @rev, @payload, @outcome, @told, @made_at, @now, @now)
ON CONFLICT DO NOTHING;

-- name: GetOperation :one
SELECT * FROM field.operation WHERE id = @id;

-- name: LockOperation :one
SELECT * FROM field.operation WHERE id = @id FOR UPDATE;

-- name: SetOutcome :exec
UPDATE field.operation SET outcome = @outcome, told = @told, decided_at = @now WHERE id = @id;

-- name: ListOperations :many
SELECT * FROM field.operation WHERE application_id = @application_id ORDER BY received_at, id;

-- name: PageOperations :many
SELECT id, person_id, substring(payload FROM 1 FOR 6)::bytea AS head FROM field.operation
WHERE id > @after AND person_id = @person ORDER BY id LIMIT @size;

-- name: SetPayload :exec
UPDATE field.operation SET payload = @payload WHERE id = @id;
