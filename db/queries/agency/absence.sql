-- name: InsertAbsence :exec
INSERT INTO agency.absence (id, agency, account_id, stand_in, valid_from, valid_until, state, asked_by, asked_at, decided_by, decided_at)
VALUES (@id, @agency, @account_id, sqlc.narg(stand_in), @valid_from, @valid_until, @state, sqlc.narg(asked_by), @asked_at, sqlc.narg(decided_by), sqlc.narg(decided_at));

-- name: LockAbsence :one
SELECT id, agency, account_id, stand_in, valid_from, valid_until, state, asked_by, asked_at, decided_by, decided_at FROM agency.absence
WHERE id = @id FOR UPDATE;

-- name: SetAbsence :exec
UPDATE agency.absence SET state = @state, stand_in = sqlc.narg(stand_in), valid_until = @valid_until, decided_by = sqlc.narg(decided_by), decided_at = sqlc.narg(decided_at)
WHERE id = @id;

-- name: ListOpenAbsences :many
-- Those that are asked for or confirmed and not over: of an agency, of an account that is away or stands in, or both; empty for any.
SELECT id, agency, account_id, stand_in, valid_from, valid_until, state, asked_by, asked_at, decided_by, decided_at FROM agency.absence
WHERE (@agency::text = '' OR agency = @agency) AND (sqlc.narg(account)::uuid IS NULL OR account_id = sqlc.narg(account) OR stand_in = sqlc.narg(account))
  AND state IN ('asked', 'confirmed') AND valid_until > @now::timestamptz
ORDER BY valid_from, id;

-- name: ListAbsences :many
SELECT id, agency, account_id, stand_in, valid_from, valid_until, state, asked_by, asked_at, decided_by, decided_at FROM agency.absence
WHERE agency = @agency AND (sqlc.narg('after')::uuid IS NULL OR id < sqlc.narg('after')) ORDER BY id DESC LIMIT @lim;

-- name: ListAway :many
-- Who is away now.
SELECT account_id, stand_in FROM agency.absence
WHERE agency = @agency AND state = 'confirmed' AND valid_from <= @now::timestamptz AND valid_until > @now ORDER BY valid_from, id;
