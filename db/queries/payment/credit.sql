-- name: GetCredit :one
SELECT * FROM payment.credit WHERE subject = @subject AND subject_id = @subject_id;

-- name: LockCredit :one
SELECT * FROM payment.credit WHERE subject = @subject AND subject_id = @subject_id FOR UPDATE;

-- name: LockCreditByID :one
SELECT * FROM payment.credit WHERE id = @id FOR UPDATE;

-- name: PutCredit :one
INSERT INTO payment.credit (id, payer_id, subject, subject_id, service, agency, reference, amount_minor, currency, changed_at)
VALUES (@id, @payer_id, @subject, @subject_id, @service, @agency, @reference, @amount_minor, @currency, @changed_at)
ON CONFLICT (tenant_id, subject, subject_id) DO UPDATE SET amount_minor = EXCLUDED.amount_minor, changed_at = EXCLUDED.changed_at
RETURNING id;

-- name: GiveCreditBack :exec
UPDATE payment.credit SET given_back_minor = given_back_minor + amount_minor, amount_minor = 0, note = @note, changed_at = @changed_at WHERE id = @id;

-- name: ListCredits :many
SELECT * FROM payment.credit
WHERE amount_minor > 0 AND (sqlc.arg(agency)::text = '' OR agency = sqlc.arg(agency)) AND (sqlc.narg(before)::uuid IS NULL OR id < sqlc.narg(before))
ORDER BY id DESC LIMIT sqlc.arg(lim)::int;
