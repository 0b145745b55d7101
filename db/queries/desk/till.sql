-- name: InsertTill :exec
INSERT INTO desk.till (id, agency, office, counter, operator_id, status, currency, float_minor, opened_at) VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $8);

-- name: GetTill :one
SELECT * FROM desk.till WHERE id = $1;

-- name: LockTill :one
SELECT * FROM desk.till WHERE id = $1 FOR UPDATE;

-- name: GetOpenTill :one
SELECT * FROM desk.till WHERE operator_id = $1 AND status <> 'closed';

-- name: ListTills :many
SELECT * FROM desk.till WHERE agency = @agency AND office = @office AND (sqlc.narg(operator)::uuid IS NULL OR operator_id = sqlc.narg(operator))
  AND (@status::text = '' OR status = @status) AND (sqlc.narg(before)::uuid IS NULL OR id < sqlc.narg(before))
ORDER BY id DESC LIMIT @size;

-- name: CountTill :exec
UPDATE desk.till SET status = 'counted', counts = @counts, counted_minor = @counted_minor, expected_minor = @expected_minor, reason = @reason,
  counted_at = sqlc.arg(counted_at)::timestamptz WHERE id = @id AND status <> 'closed';

-- name: ReopenTill :exec
UPDATE desk.till SET status = 'open', counted_at = NULL WHERE id = $1 AND status = 'counted';

-- name: CloseTill :exec
UPDATE desk.till SET status = 'closed', closed_by = sqlc.arg(closed_by)::uuid, closed_at = sqlc.arg(closed_at)::timestamptz, slip = @slip, deposit_minor = @deposit_minor
WHERE id = @id AND status = 'counted';
