-- name: GetActiveSigningKey :one
SELECT kid, wrapped, (created_at < transaction_timestamp())::boolean AS settled
FROM encryption.signing_key WHERE owner = $1 AND purpose = $2 AND status = 'active';

-- name: GetSigningKey :one
SELECT kid, owner, purpose, status, public_jwk, created_at, ready_at, active_at, retired_at, destroyed_at
FROM encryption.signing_key WHERE kid = $1;

-- name: LockSigningKey :one
SELECT kid, owner, purpose, status, wrapped FROM encryption.signing_key WHERE kid = $1 FOR UPDATE;

-- name: LockSigner :exec
SELECT pg_advisory_xact_lock(hashtextextended('encryption.signing_key:' || (SELECT platform.current_tenant())::text || @signer::text, 0));

-- name: ListSigningKeys :many
SELECT kid, owner, purpose, status, public_jwk, created_at, ready_at, active_at, retired_at, destroyed_at
FROM encryption.signing_key
WHERE (@owner::text = '' OR owner = @owner) AND (@purpose::text = '' OR purpose = @purpose) AND (@status::text = '' OR status = @status)
ORDER BY owner, purpose, created_at DESC, kid;

-- name: ListDueSigningKeys :many
SELECT kid, owner, purpose FROM encryption.signing_key WHERE status = 'next' AND ready_at <= @now ORDER BY kid;

-- name: InsertSigningKey :exec
INSERT INTO encryption.signing_key (kid, owner, purpose, status, public_jwk, wrapped, wrapped_by, ready_at, active_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING;

-- name: RetireSigningKey :exec
UPDATE encryption.signing_key SET status = 'retired', retired_at = @at, wrapped = NULL, wrapped_by = NULL
WHERE owner = @owner AND purpose = @purpose AND status = 'active';

-- name: ActivateSigningKey :exec
UPDATE encryption.signing_key SET status = 'active', active_at = @at WHERE kid = @kid AND status = 'next';

-- name: DestroySigningKey :execrows
UPDATE encryption.signing_key SET status = 'destroyed', destroyed_at = @at, wrapped = NULL, wrapped_by = NULL
WHERE kid = @kid AND status <> 'destroyed';

-- name: PageSigningKeys :many
SELECT kid, wrapped_by FROM encryption.signing_key WHERE wrapped IS NOT NULL AND kid > @after ORDER BY kid LIMIT @size;

-- name: SetSigningWrapped :exec
UPDATE encryption.signing_key SET wrapped = $2, wrapped_by = $3 WHERE kid = $1;
