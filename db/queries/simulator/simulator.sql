-- name: TenantKind :one
SELECT kind FROM platform.tenant WHERE id = $1;

-- name: InsertMessage :exec
INSERT INTO simulator.message (id, channel, address, address_index, subject, text, lang, received_at, written) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (tenant_id, id) DO NOTHING;

-- name: ListMessages :many
SELECT id, channel, address, subject, text, lang, received_at, written FROM simulator.message
WHERE (sqlc.arg(channel)::text = '' OR channel = sqlc.arg(channel)) AND (sqlc.narg(address_indexes)::bytea[] IS NULL OR address_index = ANY(sqlc.narg(address_indexes)))
  AND (sqlc.narg(before)::uuid IS NULL OR id < sqlc.narg(before)) AND (sqlc.arg(whole)::boolean OR NOT written)
ORDER BY id DESC LIMIT sqlc.arg(lim)::int;

-- name: InsertCharge :execrows
INSERT INTO simulator.charge (id, reference, amount_minor, currency, description, return_url, webhook_url, status, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8) ON CONFLICT (tenant_id, reference) DO NOTHING;

-- name: GetChargeByReference :one
SELECT * FROM simulator.charge WHERE reference = $1;

-- name: GetCharge :one
SELECT * FROM simulator.charge WHERE id = $1;

-- name: LockCharge :one
SELECT * FROM simulator.charge WHERE id = $1 FOR UPDATE;

-- name: SettleCharge :exec
UPDATE simulator.charge SET status = $2, failure = $3, card_last4 = CASE WHEN sqlc.arg(last4)::text = '' THEN card_last4 ELSE sqlc.arg(last4) END, settled_at = $4 WHERE id = $1;

-- name: ListCharges :many
SELECT * FROM simulator.charge WHERE (sqlc.narg(before)::uuid IS NULL OR id < sqlc.narg(before)) ORDER BY id DESC LIMIT sqlc.arg(lim)::int;

-- name: PutPerson :exec
INSERT INTO simulator.person (id, subject, claims, staff) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant_id, subject) DO UPDATE SET id = excluded.id, claims = excluded.claims, staff = excluded.staff;

-- name: GetPerson :one
SELECT * FROM simulator.person WHERE subject = $1;

-- name: ListPeople :many
SELECT * FROM simulator.person ORDER BY staff, subject;

-- name: InsertAuthCode :exec
INSERT INTO simulator.auth_code (hash, client_id, redirect_uri, subject, nonce, challenge, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: TakeAuthCode :one
DELETE FROM simulator.auth_code WHERE hash = $1 RETURNING client_id, redirect_uri, subject, nonce, challenge, expires_at;

-- name: DropOldAuthCodes :exec
DELETE FROM simulator.auth_code WHERE expires_at < $1;

-- name: InsertCase :execrows
INSERT INTO simulator.foreign_case (id, agency, service, reference, request, status, received_at) VALUES ($1, $2, $3, $4, $5, 'open', $6)
ON CONFLICT (tenant_id, id) DO NOTHING;

-- name: RenewCase :execrows
UPDATE simulator.foreign_case SET request = $2, status = $3, answered_at = NULL WHERE id = $1;

-- name: GetCase :one
SELECT * FROM simulator.foreign_case WHERE id = $1;

-- name: LockCase :one
SELECT * FROM simulator.foreign_case WHERE id = $1 FOR UPDATE;

-- name: AnswerCase :exec
UPDATE simulator.foreign_case SET status = $2, outcome = $3, answer = $4, answered_at = $5 WHERE id = $1;

-- name: ListCases :many
SELECT * FROM simulator.foreign_case WHERE (sqlc.arg(status)::text = '' OR status = sqlc.arg(status)) AND (sqlc.narg(before)::uuid IS NULL OR id < sqlc.narg(before))
ORDER BY id DESC LIMIT sqlc.arg(lim)::int;

-- name: InsertMedia :exec
INSERT INTO simulator.media (id, media_type, size, content, made_at) VALUES ($1, $2, $3, $4, $5);

-- name: GetMedia :one
SELECT * FROM simulator.media WHERE id = $1;

-- name: DeleteOldMedia :exec
DELETE FROM simulator.media WHERE made_at < $1;
