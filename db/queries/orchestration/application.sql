-- name: InsertDelivery :execrows
INSERT INTO orchestration.delivery (request_id, kind, submitted_at, received_at)
VALUES (@request_id, @kind, @submitted_at, @received_at) ON CONFLICT DO NOTHING;

-- name: InsertApplication :exec
INSERT INTO orchestration.application (id, reference, service, version, agency, boundary, person_id, name, lang, answers, asked,
  submitted_at, received_at, receipt, certificate, outcome, found, because, named, business, sent_by)
VALUES (@id, @reference, @service, @version, @agency, @boundary, @person_id, @name, @lang, @answers, '{}',
  @submitted_at, @received_at, '', '', '', sqlc.narg(found), sqlc.narg(because), true, @business, sqlc.narg(sent_by));

-- name: GetApplication :one
SELECT * FROM orchestration.application WHERE id = @id;

-- name: ListNames :many
SELECT id, person_id, name FROM orchestration.application WHERE id = ANY (@ids::uuid[]);

-- name: SetDemand :exec
UPDATE orchestration.application SET demand_id = @demand_id, receipt = '' WHERE id = @id;

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
-- Without a moment the application is open again.
UPDATE orchestration.application SET outcome = @outcome, decided_at = sqlc.narg(decided_at) WHERE id = @id;

-- name: InsertDecision :exec
INSERT INTO orchestration.decision (application_id, round, outcome, action, state, decided_by, decided_at, reason, because, reasons)
SELECT @application_id, count(*) + 1, @outcome, @action, @state, sqlc.narg(decided_by), @decided_at, @reason, sqlc.narg(because), @reasons
FROM orchestration.decision WHERE application_id = @application_id;

-- name: ListDecisions :many
SELECT * FROM orchestration.decision WHERE application_id = @application_id ORDER BY round;

-- name: InsertVersion :exec
-- Keeps the answers as they are before a correction.
INSERT INTO orchestration.version (application_id, no, answers, items, until)
SELECT a.id, (SELECT count(*) + 1 FROM orchestration.version v WHERE v.application_id = a.id), a.answers, a.asked, @until
FROM orchestration.application a WHERE a.id = @id;

-- name: ListVersions :many
SELECT * FROM orchestration.version WHERE application_id = @application_id ORDER BY no;

-- name: InsertCharge :exec
INSERT INTO orchestration.charge (id, application_id, demand_id, lines, minor, status, raised_at)
VALUES (@id, @application_id, @demand_id, @lines, @minor, 'open', @raised_at);

-- name: ListCharges :many
SELECT * FROM orchestration.charge WHERE application_id = @application_id ORDER BY raised_at, id;

-- name: GetCharge :one
SELECT * FROM orchestration.charge WHERE demand_id = @demand_id;

-- name: SetChargePaid :exec
UPDATE orchestration.charge SET status = 'paid', receipt = @receipt WHERE demand_id = @demand_id AND status <> 'paid';

-- name: SetChargeOpen :exec
UPDATE orchestration.charge SET status = 'open', receipt = '' WHERE demand_id = @demand_id AND status = 'paid';

-- name: SetChargeCancelled :exec
UPDATE orchestration.charge SET status = 'cancelled' WHERE demand_id = @demand_id AND status = 'open';

-- name: FindApplication :one
SELECT id, person_id FROM orchestration.application WHERE reference = @reference;
