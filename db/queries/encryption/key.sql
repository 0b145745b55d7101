-- name: GetTenantKey :one
SELECT wrapped, (created_at < transaction_timestamp())::boolean AS settled
FROM encryption.tenant_key WHERE purpose = $1;

-- name: InsertTenantKey :exec
INSERT INTO encryption.tenant_key (purpose, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: LockTenantKey :one
SELECT wrapped FROM encryption.tenant_key WHERE purpose = $1 FOR UPDATE;

-- name: SetTenantKey :exec
UPDATE encryption.tenant_key SET wrapped = $2, created_at = clock_timestamp() WHERE purpose = $1;

-- name: ListTenantKeys :many
SELECT purpose, wrapped, created_at FROM encryption.tenant_key ORDER BY purpose;

-- name: GetPersonKey :one
SELECT wrapped, (created_at < transaction_timestamp())::boolean AS settled
FROM encryption.person_key WHERE person_id = $1;

-- name: ListPersonKeys :many
SELECT person_id, wrapped, (created_at < transaction_timestamp())::boolean AS settled
FROM encryption.person_key WHERE person_id = ANY(@people::uuid[]);

-- name: InsertPersonKey :exec
INSERT INTO encryption.person_key (person_id, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: ForgetPersonKey :execrows
INSERT INTO encryption.person_key (person_id, wrapped, forgotten_at) VALUES (@person_id, NULL, clock_timestamp())
ON CONFLICT (tenant_id, person_id) DO UPDATE SET wrapped = NULL, forgotten_at = clock_timestamp()
WHERE person_key.forgotten_at IS NULL;

-- name: GetActiveSigningKey :one
SELECT kid, wrapped, (created_at < transaction_timestamp())::boolean AS settled
FROM encryption.signing_key WHERE owner = $1 AND status = 'active';

-- name: GetSigningKey :one
SELECT kid, owner, status, public_jwk FROM encryption.signing_key WHERE kid = $1;

-- name: ListSigningKeys :many
SELECT kid, owner, status, public_jwk, created_at FROM encryption.signing_key
WHERE owner = $1 ORDER BY created_at DESC;

-- name: InsertSigningKey :exec
INSERT INTO encryption.signing_key (kid, owner, public_jwk, wrapped) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;

-- name: RetireSigningKey :exec
UPDATE encryption.signing_key SET status = 'retired' WHERE owner = $1 AND status = 'active';
