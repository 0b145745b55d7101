-- name: InsertGuest :exec
INSERT INTO identity.guest (account_id, begun_at) VALUES (@account_id, @begun_at);

-- name: GetGuest :one
SELECT g.account_id, g.sent_at, g.claimed_by, EXISTS (SELECT FROM identity.contact c WHERE c.account_id = g.account_id AND c.kind = 'guest') AS reached
FROM identity.guest g WHERE g.account_id = $1;

-- name: SetGuestSent :exec
UPDATE identity.guest SET sent_at = @now WHERE account_id = @account_id AND sent_at IS NULL;

-- name: GuestIsAt :one
-- Whether a guest is reached at an address: the same work for one who is not there.
SELECT EXISTS (SELECT FROM identity.contact c JOIN identity.guest g ON g.tenant_id = c.tenant_id AND g.account_id = c.account_id
WHERE c.account_id = @account_id AND c.kind = 'guest' AND c.verified_at IS NOT NULL AND c.address_index = ANY(@indexes::bytea[]));

-- name: DeleteGuestContacts :exec
DELETE FROM identity.contact WHERE account_id = @account_id AND kind = 'guest';

-- name: ClaimGuests :many
UPDATE identity.guest SET claimed_by = @claimed_by::uuid, claimed_at = @now::timestamptz
WHERE claimed_by IS NULL AND account_id <> @claimed_by::uuid AND account_id IN (
  SELECT c.account_id FROM identity.contact c WHERE c.kind = 'guest' AND c.verified_at IS NOT NULL AND c.address_index = ANY(@indexes::bytea[]))
RETURNING account_id;

-- name: ListClaimedGuests :many
SELECT account_id FROM identity.guest WHERE claimed_by = @claimed_by::uuid ORDER BY account_id;

-- name: ListLostGuests :many
-- Who sent nothing and has no session left by which they could come back.
SELECT g.account_id FROM identity.guest g
WHERE g.sent_at IS NULL AND g.claimed_by IS NULL AND g.begun_at < @before
  AND NOT EXISTS (SELECT FROM identity.session s WHERE s.account_id = g.account_id AND s.idle_until > @now AND s.expires_at > @now)
ORDER BY g.begun_at LIMIT @size;

-- name: DeleteLostGuest :execrows
DELETE FROM identity.account a WHERE a.id = @account_id
  AND EXISTS (SELECT FROM identity.guest g WHERE g.account_id = a.id AND g.sent_at IS NULL AND g.claimed_by IS NULL);

-- name: ClaimUnreachedGuest :execrows
-- The guest of a browser in which an account signs in, unless they are reached somewhere, or the account is a guest too.
UPDATE identity.guest AS mine SET claimed_by = @claimed_by::uuid, claimed_at = @now::timestamptz
WHERE mine.account_id = @guest::uuid AND mine.claimed_by IS NULL AND mine.account_id <> @claimed_by::uuid
  AND NOT EXISTS (SELECT FROM identity.contact c WHERE c.account_id = mine.account_id AND c.kind = 'guest')
  AND NOT EXISTS (SELECT FROM identity.guest other WHERE other.account_id = @claimed_by::uuid);
