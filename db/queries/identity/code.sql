-- name: LockAddress :exec
SELECT pg_advisory_xact_lock(hashtextextended('identity.code:' || (SELECT platform.current_tenant())::text || @key::text, 0));

-- name: ListCodeTimes :many
SELECT a.asked_at FROM identity.code a WHERE a.address_index = ANY(@address_indexes::bytea[]) AND a.asked_at > @since::timestamptz ORDER BY a.asked_at DESC LIMIT @size;

-- name: ListPlaceTimes :many
SELECT b.asked_at FROM identity.code b WHERE b.ip_index = ANY(@ip_indexes::bytea[]) AND b.asked_at > @since::timestamptz ORDER BY b.asked_at DESC LIMIT @size;

-- name: InsertCode :exec
INSERT INTO identity.code (id, purpose, account_id, kind, channel, address, address_index, ip_index, lang, mac, expires_at, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: LockCode :one
SELECT id, purpose, account_id, kind, channel, address, address_index, lang, mac, tries, expires_at, used_at FROM identity.code WHERE id = $1 FOR UPDATE;

-- name: CountTry :exec
UPDATE identity.code SET tries = tries + 1 WHERE id = $1;

-- name: UseCode :exec
UPDATE identity.code SET used_at = @used_at WHERE id = @id;

-- name: DeleteOldCodes :execrows
DELETE FROM identity.code WHERE asked_at < @before;
