-- name: InsertCollection :exec
INSERT INTO payment.collection (id, demand_id, till_id, place, means, status, amount_minor, tendered_minor, currency, detail, taken_by, taken_at)
VALUES ($1, $2, $3, $4, $5, 'taken', $6, $7, $8, $9, $10, $11);

-- name: InsertCollected :exec
INSERT INTO payment.payment (id, demand_id, collection_id, status, reason, amount_minor, currency, paid_at)
VALUES (@id, @demand_id, sqlc.arg(collection_id)::uuid, 'applied', '', @amount_minor, @currency, @paid_at);

-- name: LockCollection :one
SELECT * FROM payment.collection WHERE id = $1 FOR UPDATE;

-- name: GetCollection :one
SELECT c.*, d.number, d.reference, d.payer_id, coalesce(r.number, '')::text AS receipt FROM payment.collection c
JOIN payment.demand d ON d.tenant_id = c.tenant_id AND d.id = c.demand_id
LEFT JOIN payment.payment p ON p.tenant_id = c.tenant_id AND p.collection_id = c.id
LEFT JOIN payment.receipt r ON r.tenant_id = p.tenant_id AND r.payment_id = p.id
WHERE c.id = $1;

-- name: ListCollections :many
SELECT c.*, d.number, d.reference, d.payer_id, coalesce(r.number, '')::text AS receipt FROM payment.collection c
JOIN payment.demand d ON d.tenant_id = c.tenant_id AND d.id = c.demand_id
LEFT JOIN payment.payment p ON p.tenant_id = c.tenant_id AND p.collection_id = c.id
LEFT JOIN payment.receipt r ON r.tenant_id = p.tenant_id AND r.payment_id = p.id
WHERE c.place = @place AND (sqlc.narg(till)::uuid IS NULL OR c.till_id = sqlc.narg(till)) AND (@means::text = '' OR c.means = @means)
  AND (@status::text = '' OR c.status = @status) AND (sqlc.narg(before)::uuid IS NULL OR c.id < sqlc.narg(before))
ORDER BY c.id DESC LIMIT @lim::int;

-- name: SettleCollection :exec
UPDATE payment.collection SET status = $2, settled_by = $3, settled_at = $4, reason = $5 WHERE id = $1;

-- name: ReversePayment :exec
UPDATE payment.payment SET status = 'reversed', reason = @reason WHERE collection_id = sqlc.arg(collection_id)::uuid AND status = 'applied';

-- name: ReopenDemand :exec
UPDATE payment.demand SET status = 'open', paid_at = NULL WHERE id = $1 AND status = 'paid';

-- name: CancelReceipt :exec
UPDATE payment.receipt SET cancelled_at = @now WHERE demand_id = @demand_id AND cancelled_at IS NULL;

-- name: InsertPosting :execrows
INSERT INTO payment.posting (id, kind, till_id, subject_id, currency, by_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (tenant_id, kind, subject_id) DO NOTHING;

-- name: InsertEntries :exec
INSERT INTO payment.entry (posting_id, account, amount_minor) SELECT @posting_id::uuid, unnest(@accounts::text[]), unnest(@amounts::bigint[]);

-- name: HasPosting :one
SELECT EXISTS (SELECT 1 FROM payment.posting WHERE kind = @kind AND subject_id = @subject_id);

-- name: Balances :many
-- What the accounts of a till got in all.
SELECT e.account, p.currency, sum(e.amount_minor)::bigint AS minor FROM payment.posting p
JOIN payment.entry e ON e.tenant_id = p.tenant_id AND e.posting_id = p.id
WHERE p.till_id = @till_id GROUP BY e.account, p.currency ORDER BY e.account;

-- name: PageCollectionDetails :many
-- What is sealed, without what is in it: the first six bytes tell by which key.
SELECT c.id, substring(c.detail FROM 1 FOR 6)::bytea AS head FROM payment.collection c
JOIN payment.demand d ON d.tenant_id = c.tenant_id AND d.id = c.demand_id
WHERE d.payer_id = @person AND c.id > @after ORDER BY c.id LIMIT @size;

-- name: SetCollectionDetail :exec
UPDATE payment.collection SET detail = $2 WHERE id = $1;
