-- name: InsertDelegation :exec
INSERT INTO identity.delegation (id, person_id, channel, address, address_index, kind, services, proof, status, until, invited_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'sign-in', 'invited', $8, $9);

-- name: CountOpenDelegations :one
SELECT count(*) FROM identity.delegation WHERE person_id = @person_id AND kind <> 'visit' AND status <> 'ended' AND (until IS NULL OR until > @now::timestamptz);

-- name: LockDelegation :one
SELECT id, person_id, delegate_id, channel, address, kind, services, status, until FROM identity.delegation WHERE id = $1 FOR UPDATE;

-- name: AcceptDelegation :exec
UPDATE identity.delegation SET status = 'active', delegate_id = @delegate_id, accepted_at = @now WHERE id = @id AND status = 'invited';

-- name: EndDelegation :exec
UPDATE identity.delegation SET status = 'ended', ended_at = @now, ended_by = sqlc.narg('ended_by') WHERE id = @id AND status <> 'ended';

-- name: LeaveDelegation :exec
UPDATE identity.session SET delegation_id = NULL WHERE delegation_id = $1;

-- name: ListGivenDelegations :many
SELECT d.id, d.person_id, d.delegate_id, d.channel, d.address, d.kind, d.services, d.proof, d.status, d.until, d.invited_at, d.accepted_at, d.ended_at, d.ended_by, a.name
FROM identity.delegation d LEFT JOIN identity.account a ON a.tenant_id = d.tenant_id AND a.id = d.delegate_id
WHERE d.person_id = @person_id ORDER BY d.status = 'ended', d.id DESC LIMIT @size;

-- name: ListReceivedDelegations :many
SELECT d.id, d.person_id, d.delegate_id, d.channel, d.kind, d.services, d.proof, d.status, d.until, d.invited_at, d.accepted_at, d.ended_at, d.ended_by, a.name
FROM identity.delegation d JOIN identity.account a ON a.tenant_id = d.tenant_id AND a.id = d.person_id
WHERE (d.delegate_id = @account_id::uuid OR d.status = 'invited' AND d.person_id <> @account_id AND d.address_index = ANY(@indexes::bytea[]))
ORDER BY d.status = 'ended', d.id DESC LIMIT @size;

-- name: CountProvedContact :one
SELECT count(*) FROM identity.contact WHERE account_id = @account_id AND address_index = ANY(@indexes::bytea[]) AND verified_at IS NOT NULL;

-- name: SetSessionDelegation :execrows
UPDATE identity.session SET delegation_id = sqlc.narg('delegation_id') WHERE id = @id AND account_id = @account_id;

-- name: ListScopes :many
-- What somebody may do for somebody else now.
SELECT d.services FROM identity.delegation d JOIN identity.account a ON a.tenant_id = d.tenant_id AND a.id = d.person_id
WHERE d.delegate_id = @delegate_id::uuid AND d.person_id = @person_id AND d.status = 'active' AND a.status = 'active' AND (d.until IS NULL OR d.until > @now::timestamptz);
