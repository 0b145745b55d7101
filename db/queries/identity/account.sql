-- name: InsertAccount :exec
INSERT INTO identity.account (id, kind, name, lang, created_at) VALUES ($1, $2, $3, $4, $5);

-- name: GetAccount :one
SELECT id, kind, name, lang, status, created_at FROM identity.account WHERE id = $1;

-- name: ListAccountNames :many
SELECT id, name FROM identity.account WHERE id = ANY(@ids::uuid[]);

-- name: LockAccount :one
SELECT id, kind, status FROM identity.account WHERE id = $1 FOR UPDATE;

-- name: SetAccountName :execrows
UPDATE identity.account SET name = @name WHERE id = @id;

-- name: SetAccountLang :execrows
UPDATE identity.account SET lang = @lang WHERE id = @id;

-- name: SetAccountStatus :execrows
-- A business that nobody has confirmed is restored by confirming it alone.
UPDATE identity.account SET status = @status, suspended_by = '' WHERE id = @id AND status <> 'unconfirmed';

-- name: DeleteNameTokens :exec
DELETE FROM identity.name_token WHERE account_id = $1;

-- name: InsertNameTokens :exec
INSERT INTO identity.name_token (token, account_id) SELECT unnest(@tokens::bytea[]), @account_id::uuid ON CONFLICT DO NOTHING;

-- name: ListAccounts :many
SELECT id, kind, name, lang, status, created_at FROM identity.account
WHERE (sqlc.narg('kind')::text IS NULL OR kind = sqlc.narg('kind'))
  AND (sqlc.narg('status')::text IS NULL OR status = sqlc.narg('status'))
  AND (sqlc.narg('agency')::text IS NULL OR EXISTS (SELECT FROM identity.role_grant g WHERE g.account_id = account.id AND g.agency = sqlc.narg('agency')))
  AND (sqlc.narg('within')::text[] IS NULL OR kind = 'staff' AND (
    EXISTS (SELECT FROM identity.role_grant g WHERE g.account_id = account.id AND g.agency = ANY(sqlc.narg('within')::text[]))
    OR NOT EXISTS (SELECT FROM identity.role_grant g WHERE g.account_id = account.id)))
  AND (sqlc.narg('role')::text IS NULL OR EXISTS (SELECT FROM identity.role_grant g WHERE g.account_id = account.id AND g.role = sqlc.narg('role')))
  AND (sqlc.narg('after')::uuid IS NULL OR id < sqlc.narg('after'))
ORDER BY id DESC LIMIT @size;

-- name: FindAccounts :many
SELECT id, kind, name, lang, status, created_at FROM identity.account
WHERE (id IN (SELECT c.account_id FROM identity.contact c WHERE c.address_index = ANY(@addresses::bytea[]))
    OR (cardinality(@tokens::bytea[]) > 0 AND id IN (
      SELECT n.account_id FROM identity.name_token n WHERE n.token = ANY(@tokens::bytea[]) GROUP BY n.account_id HAVING count(*) = @words::int)))
  AND (sqlc.narg('kind')::text IS NULL OR kind = sqlc.narg('kind'))
  AND (sqlc.narg('status')::text IS NULL OR status = sqlc.narg('status'))
  AND (sqlc.narg('agency')::text IS NULL OR EXISTS (SELECT FROM identity.role_grant g WHERE g.account_id = account.id AND g.agency = sqlc.narg('agency')))
  AND (sqlc.narg('within')::text[] IS NULL OR kind = 'staff' AND (
    EXISTS (SELECT FROM identity.role_grant g WHERE g.account_id = account.id AND g.agency = ANY(sqlc.narg('within')::text[]))
    OR NOT EXISTS (SELECT FROM identity.role_grant g WHERE g.account_id = account.id)))
  AND (sqlc.narg('role')::text IS NULL OR EXISTS (SELECT FROM identity.role_grant g WHERE g.account_id = account.id AND g.role = sqlc.narg('role')))
  AND (sqlc.narg('after')::uuid IS NULL OR id < sqlc.narg('after'))
ORDER BY id DESC LIMIT @size;

-- name: InsertContact :exec
INSERT INTO identity.contact (id, account_id, kind, channel, address, address_index, verified_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: FindContact :one
SELECT c.id, c.account_id, c.verified_at, a.status FROM identity.contact c
JOIN identity.account a ON a.tenant_id = c.tenant_id AND a.id = c.account_id
WHERE c.kind = @kind AND c.address_index = ANY(@indexes::bytea[]);

-- name: VerifyContact :exec
UPDATE identity.contact SET verified_at = @verified_at WHERE id = @id AND verified_at IS NULL;

-- name: LockContacts :many
SELECT id, channel, verified_at FROM identity.contact WHERE account_id = $1 ORDER BY created_at, id FOR UPDATE;

-- name: DeleteContact :execrows
DELETE FROM identity.contact WHERE account_id = @account_id AND id = @id;

-- name: ListContacts :many
SELECT id, account_id, channel, address, verified_at FROM identity.contact
WHERE account_id = ANY(@accounts::uuid[]) ORDER BY account_id, created_at, id;
