-- name: InsertVisit :exec
INSERT INTO identity.delegation (id, person_id, delegate_id, channel, address, address_index, kind, services, proof, status, until, invited_at, accepted_at)
VALUES (@id, @person_id, @delegate_id, 'desk', '', '', 'visit', '{}', @proof, 'active', @until, @begun_at, @begun_at);

-- name: ListOpenVisits :many
SELECT id FROM identity.delegation WHERE delegate_id = @delegate_id::uuid AND kind = 'visit' AND status = 'active' ORDER BY id FOR UPDATE;

-- name: FindPeopleAt :many
-- The people who are reached at an address.
SELECT c.account_id FROM identity.contact c JOIN identity.account a ON a.tenant_id = c.tenant_id AND a.id = c.account_id
WHERE c.kind = 'person' AND a.status = 'active' AND c.address_index = ANY(@indexes::bytea[]);
