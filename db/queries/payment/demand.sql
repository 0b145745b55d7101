-- name: GetDemand :one
SELECT * FROM payment.demand WHERE id = $1;

-- name: GetDemandBySubject :one
SELECT * FROM payment.demand WHERE subject = $1 AND subject_id = $2;

-- name: LockDemand :one
SELECT * FROM payment.demand WHERE id = $1 FOR UPDATE;

-- name: LockSubject :exec
SELECT pg_advisory_xact_lock(hashtextextended(sqlc.arg(key)::text, 0));

-- name: InsertDemand :exec
INSERT INTO payment.demand (id, number, payer_id, payer_name, subject, subject_id, service, agency, reference, lang, status, amount_minor, currency, raised_at, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', $11, $12, $13, $14);

-- name: InsertLines :exec
INSERT INTO payment.demand_line (demand_id, position, code, name, amount_minor, currency)
SELECT sqlc.arg(demand_id), l.position, l.code, l.name, l.amount, sqlc.arg(currency)
FROM (SELECT unnest(sqlc.arg(positions)::int[]) AS position, unnest(sqlc.arg(codes)::text[]) AS code,
  unnest(sqlc.arg(names)::jsonb[]) AS name, unnest(sqlc.arg(amounts)::bigint[]) AS amount) l;

-- name: ListLines :many
SELECT * FROM payment.demand_line
WHERE demand_id = ANY (sqlc.arg(demands)::uuid[]) ORDER BY demand_id, position;

-- name: PayDemand :exec
UPDATE payment.demand SET status = 'paid', paid_at = $2 WHERE id = $1 AND status = 'open';

-- name: CancelDemand :exec
UPDATE payment.demand SET status = 'cancelled', cancelled_at = $2, cancel_reason = $3 WHERE id = $1 AND status = 'open';

-- name: ListDemands :many
SELECT * FROM payment.demand
WHERE (sqlc.narg(payer)::uuid IS NULL OR payer_id = sqlc.narg(payer)) AND (sqlc.arg(status)::text = '' OR status = sqlc.arg(status))
  AND (sqlc.arg(agency)::text = '' OR agency = sqlc.arg(agency)) AND (sqlc.arg(number)::text = '' OR number = sqlc.arg(number))
  AND (sqlc.narg(before)::uuid IS NULL OR id < sqlc.narg(before))
ORDER BY id DESC LIMIT sqlc.arg(lim)::int;
