-- name: ListProviders :many
SELECT code, name, issuer, client_id, client_secret, authorize_url, token_url, keys_url, scopes, people, staff, staff_by_email, enabled
FROM identity.provider ORDER BY code;

-- name: GetProvider :one
SELECT code, name, issuer, client_id, client_secret, authorize_url, token_url, keys_url, scopes, people, staff, staff_by_email, enabled
FROM identity.provider WHERE code = $1;

-- name: PutProvider :exec
INSERT INTO identity.provider (code, name, issuer, client_id, client_secret, authorize_url, token_url, keys_url, scopes, people, staff, staff_by_email, enabled, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (tenant_id, code) DO UPDATE SET name = EXCLUDED.name, issuer = EXCLUDED.issuer, client_id = EXCLUDED.client_id, client_secret = EXCLUDED.client_secret,
  authorize_url = EXCLUDED.authorize_url, token_url = EXCLUDED.token_url, keys_url = EXCLUDED.keys_url, scopes = EXCLUDED.scopes, people = EXCLUDED.people,
  staff = EXCLUDED.staff, staff_by_email = EXCLUDED.staff_by_email, enabled = EXCLUDED.enabled, changed_at = EXCLUDED.changed_at;

-- name: InsertState :exec
INSERT INTO identity.federation_state (id, state_hash, provider, staff, callback, nonce, verifier, asked_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: GetState :one
SELECT id, provider, staff, callback, nonce, verifier, expires_at FROM identity.federation_state WHERE state_hash = $1;

-- name: TakeState :one
DELETE FROM identity.federation_state WHERE state_hash = $1 RETURNING id, provider, staff, expires_at;

-- name: DeleteOldStates :execrows
DELETE FROM identity.federation_state WHERE expires_at < @before;

-- name: FindFederated :one
SELECT f.account_id, f.subject_index, (f.subject IS NOT NULL)::boolean AS renewable, a.status FROM identity.federated f
JOIN identity.account a ON a.tenant_id = f.tenant_id AND a.id = f.account_id
WHERE f.provider = @provider AND f.kind = @kind AND f.subject_index = ANY(@indexes::bytea[]);

-- name: InsertFederated :exec
INSERT INTO identity.federated (provider, kind, subject_index, subject, account_id, linked_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING;
