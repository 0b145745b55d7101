-- name: InsertClaim :exec
INSERT INTO business.claim (id, account_id, claimant, proof, document_id, until, lang, status, reason, claimed_at)
VALUES (@id, @account_id, @claimant, @proof, sqlc.narg('document_id'), sqlc.narg('until'), @lang, 'open', '', @now);

-- name: LockClaim :one
SELECT id, account_id, claimant, proof, document_id, until, lang, status, reason, claimed_at, decided_at, decided_by FROM business.claim WHERE id = $1 FOR UPDATE;

-- name: GetClaim :one
SELECT c.id, c.account_id, c.claimant, c.proof, c.document_id, c.until, c.status, c.reason, c.claimed_at, c.decided_at, c.decided_by,
  b.form, b.about, b.boundary, b.status AS business_status
FROM business.claim c JOIN business.business b ON b.tenant_id = c.tenant_id AND b.account_id = c.account_id
WHERE c.id = $1;

-- name: OpenClaim :one
SELECT id, claimant FROM business.claim WHERE account_id = $1 AND status = 'open';

-- name: CountOpenClaims :one
SELECT count(*) FROM business.claim WHERE claimant = $1 AND status = 'open';

-- name: DecideClaim :exec
UPDATE business.claim SET status = @status, reason = @reason, decided_at = @now::timestamptz, decided_by = @by::uuid WHERE id = @id;

-- name: ListClaims :many
-- The claims of an office's list, by the time of the claim.
SELECT c.id, c.account_id, c.claimant, c.proof, c.document_id, c.until, c.status, c.reason, c.claimed_at, c.decided_at, c.decided_by,
  b.form, b.about, b.boundary, b.status AS business_status
FROM business.claim c JOIN business.business b ON b.tenant_id = c.tenant_id AND b.account_id = c.account_id
WHERE (sqlc.narg('status')::text IS NULL OR c.status = sqlc.narg('status'))
  AND (sqlc.narg('form')::text IS NULL OR b.form = sqlc.narg('form'))
  AND (NOT @sought::boolean OR b.number_index = ANY(@numbers::bytea[]) OR cardinality(@tokens::bytea[]) > 0 AND b.account_id IN (
    SELECT n.account_id FROM business.name_token n WHERE n.token = ANY(@tokens::bytea[]) GROUP BY n.account_id HAVING count(*) = @words::int))
  AND (sqlc.narg('after')::uuid IS NULL OR CASE WHEN @oldest::boolean THEN c.id > sqlc.narg('after') ELSE c.id < sqlc.narg('after') END)
ORDER BY CASE WHEN @oldest::boolean THEN c.id END, c.id DESC LIMIT @size;

-- name: ListClaimsOf :many
SELECT c.id, c.account_id, c.claimant, c.proof, c.document_id, c.until, c.status, c.reason, c.claimed_at, c.decided_at, c.decided_by,
  b.form, b.about, b.boundary, b.status AS business_status
FROM business.claim c JOIN business.business b ON b.tenant_id = c.tenant_id AND b.account_id = c.account_id
WHERE c.claimant = @claimant ORDER BY c.id DESC LIMIT @size;

-- name: PageReasons :many
SELECT id, substring(reason FROM 1 FOR 6)::bytea AS head FROM business.claim WHERE account_id = @person AND reason <> '' AND id > @after ORDER BY id LIMIT @size;

-- name: SetReason :exec
UPDATE business.claim SET reason = $2 WHERE id = $1;

-- name: ListFilesOf :many
-- The papers of claims on a business.
SELECT document_id::uuid AS document_id FROM business.claim WHERE account_id = $1 AND document_id IS NOT NULL;
