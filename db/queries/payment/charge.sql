-- name: GetCharge :one
SELECT * FROM payment.charge WHERE id = $1;

-- name: LockCharge :one
SELECT * FROM payment.charge WHERE id = $1 FOR UPDATE;

-- name: GetChargeByRef :one
SELECT * FROM payment.charge WHERE gateway = $1 AND gateway_ref = sqlc.arg(ref)::text;

-- name: GetOpenCharge :one
SELECT * FROM payment.charge WHERE demand_id = $1 AND status IN ('created', 'pending');

-- name: ListCharges :many
SELECT * FROM payment.charge WHERE demand_id = $1 ORDER BY id DESC;

-- name: InsertCharge :exec
INSERT INTO payment.charge (id, demand_id, gateway, status, amount_minor, currency, return_url, created_at, expires_at)
VALUES ($1, $2, $3, 'created', $4, $5, $6, $7, $8);

-- name: BeginCharge :execrows
UPDATE payment.charge SET status = CASE WHEN status = 'created' THEN 'pending' ELSE status END, gateway_ref = $2, redirect_url = $3
WHERE id = $1 AND gateway_ref IS NULL;

-- name: SettleCharge :exec
UPDATE payment.charge SET status = $2, failure = $3, settled_at = $4, gateway_ref = COALESCE(gateway_ref, sqlc.narg(ref)) WHERE id = $1;

-- name: InsertPayment :exec
INSERT INTO payment.payment (id, demand_id, charge_id, status, reason, amount_minor, currency, paid_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: GetPaymentByCharge :one
SELECT * FROM payment.payment WHERE charge_id = sqlc.arg(charge_id)::uuid;

-- name: LockPayment :one
SELECT * FROM payment.payment WHERE id = $1 FOR UPDATE;

-- name: RefundPayment :exec
UPDATE payment.payment SET status = 'refunded', reason = $2, refunded_at = $3 WHERE id = $1;

-- name: ListPayments :many
SELECT p.id, p.demand_id, p.charge_id, p.status, p.reason, p.amount_minor, p.currency, p.paid_at, p.refunded_at, d.number, d.reference, d.agency, d.service
FROM payment.payment p JOIN payment.demand d ON d.tenant_id = p.tenant_id AND d.id = p.demand_id
WHERE (sqlc.arg(status)::text = '' OR p.status = sqlc.arg(status)) AND (sqlc.narg(demand)::uuid IS NULL OR p.demand_id = sqlc.narg(demand))
  AND (sqlc.narg(before)::uuid IS NULL OR p.id < sqlc.narg(before))
ORDER BY p.id DESC LIMIT sqlc.arg(lim)::int;

-- name: InsertReceipt :exec
INSERT INTO payment.receipt (id, demand_id, payment_id, number, amount_minor, currency, paid_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: GetReceipt :one
SELECT * FROM payment.receipt WHERE demand_id = $1 AND cancelled_at IS NULL;

-- name: GetReceiptByID :one
SELECT * FROM payment.receipt WHERE id = $1;

-- name: LockReceipt :one
SELECT * FROM payment.receipt WHERE id = $1 FOR UPDATE;

-- name: SetReceiptDocument :exec
UPDATE payment.receipt SET document_id = $2 WHERE id = $1;

-- name: InsertWebhook :execrows
INSERT INTO payment.webhook (gateway, event_id, status, received_at) VALUES ($1, $2, $3, $4) ON CONFLICT (tenant_id, gateway, event_id) DO NOTHING;

-- name: CloseWebhook :exec
UPDATE payment.webhook SET charge_id = $3, outcome = $4 WHERE gateway = $1 AND event_id = $2;

-- name: ListWebhooks :many
SELECT * FROM payment.webhook WHERE charge_id = sqlc.arg(charge)::uuid ORDER BY received_at;

-- name: GetGateway :one
SELECT * FROM payment.gateway WHERE code = $1;

-- name: ListGateways :many
SELECT * FROM payment.gateway ORDER BY code;

-- name: PutGateway :exec
INSERT INTO payment.gateway (code, id, settings, active, changed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, code) DO UPDATE SET id = excluded.id, settings = excluded.settings, active = excluded.active, changed_at = excluded.changed_at;
