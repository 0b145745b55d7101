-- name: InsertLink :exec
INSERT INTO payment.link (id, demand_id, token_hash, made_at) VALUES (@id, @demand_id, @token_hash, @made_at);

-- name: EndLink :one
UPDATE payment.link SET ended_at = @now::timestamptz WHERE demand_id = @demand_id AND ended_at IS NULL RETURNING id;

-- name: OpenLink :one
SELECT made_at FROM payment.link WHERE demand_id = $1 AND ended_at IS NULL;

-- name: GetLink :one
SELECT id, demand_id, charge_id FROM payment.link WHERE token_hash = $1 AND ended_at IS NULL;

-- name: SetLinkCharge :exec
UPDATE payment.link SET charge_id = @charge_id::uuid WHERE id = @id;
