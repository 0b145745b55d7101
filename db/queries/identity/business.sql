-- name: InsertBusiness :exec
INSERT INTO identity.account (id, kind, name, lang, status, created_at) VALUES (@id, 'business', @name, @lang, 'unconfirmed', @now);

-- name: LockBusiness :one
SELECT id, status FROM identity.account WHERE id = $1 AND kind = 'business' FOR UPDATE;

-- name: ConfirmBusiness :exec
UPDATE identity.account SET status = 'active' WHERE id = $1 AND kind = 'business' AND status = 'unconfirmed';

-- name: IsBusiness :one
SELECT EXISTS (SELECT FROM identity.account WHERE id = $1 AND kind = 'business');

-- name: InsertManager :exec
INSERT INTO identity.delegation (id, person_id, delegate_id, channel, address, address_index, kind, services, proof, status, until, invited_at, accepted_at)
VALUES (@id, @person_id, @delegate_id::uuid, 'office', '', '', 'manager', '{}', @proof, 'active', sqlc.narg('until'), @now, @now);

-- name: ListMembers :many
-- Who may act for a business now: a member whose account is closed is none any more.
SELECT d.id, d.delegate_id::uuid AS delegate_id, d.kind, d.services, d.until FROM identity.delegation d
JOIN identity.account b ON b.tenant_id = d.tenant_id AND b.id = d.person_id
JOIN identity.account a ON a.tenant_id = d.tenant_id AND a.id = d.delegate_id
WHERE d.person_id = @business AND d.kind IN ('manager', 'member') AND d.status = 'active' AND a.status = 'active' AND b.status = 'active'
  AND (d.until IS NULL OR d.until > @now::timestamptz)
ORDER BY d.id;
