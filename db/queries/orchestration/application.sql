-- name: InsertDelivery :execrows
INSERT INTO orchestration.delivery (request_id, kind, submitted_at, received_at)
VALUES (@request_id, @kind, @submitted_at, @received_at) ON CONFLICT DO NOTHING;

-- name: InsertApplication :exec
INSERT INTO orchestration.application (id, reference, service, version, agency, boundary, person_id, name, lang, answers, asked,
  submitted_at, received_at, receipt, certificate, outcome, found, because)
VALUES (@id, @reference, @service, @version, @agency, @boundary, @person_id, @name, @lang, @answers, '{}',
  @submitted_at, @received_at, '', '', '', sqlc.narg(found), sqlc.narg(because));

-- name: GetApplication :one
SELECT * FROM orchestration.application WHERE id = @id;

-- name: ListNames :many
SELECT id, person_id, name FROM orchestration.application WHERE id = ANY (@ids::uuid[]);

-- name: SetDemand :exec
UPDATE orchestration.application SET demand_id = @demand_id WHERE id = @id;

-- name: SetPromise :exec
UPDATE orchestration.application SET promised_at = sqlc.narg(promised_at) WHERE id = @id;

-- name: SetReceipt :exec
UPDATE orchestration.application SET receipt = @receipt WHERE id = @id;

-- name: SetAsked :exec
UPDATE orchestration.application SET asked = @asked WHERE id = @id;

-- name: SetCorrected :exec
UPDATE orchestration.application
SET previous = answers, answers = @answers, asked = '{}', corrected_at = @corrected_at, found = sqlc.narg(found), because = sqlc.narg(because)
WHERE id = @id;

-- name: SetCertificate :exec
UPDATE orchestration.application SET credential_id = @credential_id, certificate = @certificate WHERE id = @id;

-- name: SetOutcome :exec
UPDATE orchestration.application SET outcome = @outcome, decided_at = @decided_at WHERE id = @id;

-- name: InsertDecision :exec
INSERT INTO orchestration.decision (application_id, outcome, action, state, decided_by, decided_at, reason, because)
VALUES (@application_id, @outcome, @action, @state, sqlc.narg(decided_by), @decided_at, @reason, sqlc.narg(because));

-- name: GetDecision :one
SELECT * FROM orchestration.decision WHERE application_id = @application_id;

-- name: FindApplication :one
SELECT id, person_id FROM orchestration.application WHERE reference = @reference;
