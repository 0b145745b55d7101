-- name: InsertPasskey :exec
INSERT INTO identity.passkey (id, account_id, credential_id, credential, host, name, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: ListPasskeys :many
SELECT id, account_id, credential, host, name, created_at, used_at, suspect_at FROM identity.passkey
WHERE account_id = @account_id ORDER BY created_at, id;

-- name: LockPasskey :one
SELECT p.id, p.account_id, p.credential, p.host, p.suspect_at, a.status FROM identity.passkey p
JOIN identity.account a ON a.tenant_id = p.tenant_id AND a.id = p.account_id
WHERE p.credential_id = $1 FOR UPDATE OF p;

-- name: UsePasskey :exec
UPDATE identity.passkey SET credential = @credential, used_at = @used_at WHERE id = @id;

-- name: SuspectPasskey :exec
UPDATE identity.passkey SET suspect_at = @suspect_at WHERE id = @id;

-- name: RenamePasskey :execrows
UPDATE identity.passkey SET name = @name WHERE account_id = @account_id AND id = @id;

-- name: DeletePasskey :execrows
DELETE FROM identity.passkey WHERE account_id = @account_id AND id = @id;

-- name: DeletePasskeys :execrows
DELETE FROM identity.passkey WHERE account_id = $1;

-- name: InsertCeremony :exec
INSERT INTO identity.ceremony (id, purpose, account_id, data, expires_at) VALUES ($1, $2, $3, $4, $5);

-- name: TakeCeremony :one
DELETE FROM identity.ceremony WHERE id = @id AND purpose = @purpose RETURNING account_id, data, expires_at;

-- name: DeleteOldCeremonies :execrows
DELETE FROM identity.ceremony WHERE expires_at < @before;

-- name: DeleteSomeCeremonies :execrows
DELETE FROM identity.ceremony WHERE id IN (SELECT c.id FROM identity.ceremony c WHERE c.expires_at < @before ORDER BY c.expires_at LIMIT 10 FOR UPDATE SKIP LOCKED);
