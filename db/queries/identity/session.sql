-- name: InsertSession :exec
INSERT INTO identity.session (id, account_id, token_hash, methods, level, authenticated_at, ip, created_at, seen_at, idle_until, expires_at)
VALUES (@id, @account_id, @token_hash, @methods, @level, @now, @ip, @now, @now, @idle_until, @expires_at);

-- name: GetPrincipal :one
SELECT s.id AS session_id, s.methods, s.level, s.authenticated_at, s.seen_at, s.idle_until, s.expires_at, a.id AS account_id, a.kind, a.name, a.lang, a.status,
  identity.standing(a.id, s.delegation_id, @now::timestamptz) AS standing
FROM identity.session s JOIN identity.account a ON a.tenant_id = s.tenant_id AND a.id = s.account_id
WHERE s.token_hash = @token_hash;

-- name: TouchSession :exec
UPDATE identity.session SET seen_at = @now, idle_until = @idle_until WHERE id = @id AND seen_at < @now;

-- name: LockSession :one
SELECT s.level, s.methods, s.authenticated_at, s.idle_until, s.expires_at, a.kind, a.lang, a.status
FROM identity.session s JOIN identity.account a ON a.tenant_id = s.tenant_id AND a.id = s.account_id
WHERE s.id = @id AND s.account_id = @account_id FOR UPDATE OF s;

-- name: RotateSession :exec
UPDATE identity.session SET token_hash = @token_hash, methods = @methods, level = @level, authenticated_at = @now, seen_at = @now, idle_until = @idle_until
WHERE id = @id;

-- name: SetSessionDevice :exec
UPDATE identity.session SET device = @device WHERE id = @id;

-- name: DeleteSessionByToken :one
DELETE FROM identity.session WHERE token_hash = $1 RETURNING id, account_id;

-- name: ListSessions :many
SELECT id, methods, level, ip, device, created_at, seen_at, expires_at FROM identity.session
WHERE account_id = @account_id AND expires_at > @now AND idle_until > @now ORDER BY seen_at DESC, id;

-- name: DeleteSession :execrows
DELETE FROM identity.session WHERE account_id = @account_id AND id = @id;

-- name: DeleteSessions :execrows
DELETE FROM identity.session WHERE account_id = $1;

-- name: DeleteOtherSessions :execrows
DELETE FROM identity.session WHERE account_id = @account_id AND id <> @keep;

-- name: DeleteOldSessions :execrows
DELETE FROM identity.session WHERE expires_at < @before;

-- name: InsertHalf :exec
INSERT INTO identity.half_sign_in (id, token_hash, account_id, method, voucher, expires_at) VALUES ($1, $2, $3, $4, $5, $6);

-- name: LockHalf :one
SELECT h.id, h.account_id, h.method, h.voucher, h.expires_at, a.status FROM identity.half_sign_in h
JOIN identity.account a ON a.tenant_id = h.tenant_id AND a.id = h.account_id
WHERE h.token_hash = $1 FOR UPDATE OF h;

-- name: DeleteHalf :exec
DELETE FROM identity.half_sign_in WHERE id = $1;

-- name: DeleteHalves :execrows
DELETE FROM identity.half_sign_in WHERE account_id = $1;

-- name: DeleteVouchedHalves :execrows
DELETE FROM identity.half_sign_in
WHERE voucher->>'source' = @source::text
  AND (sqlc.narg('sid')::bytea IS NULL OR voucher->>'sid' = encode(sqlc.narg('sid'), 'base64'))
  AND (cardinality(@accounts::uuid[]) = 0 OR account_id = ANY(@accounts::uuid[]));

-- name: DeleteOldHalves :execrows
DELETE FROM identity.half_sign_in WHERE expires_at < @before;

-- name: CountDevices :one
SELECT count(*) FROM identity.device WHERE account_id = $1;

-- name: SeeDevice :execrows
UPDATE identity.device SET seen_at = @now WHERE account_id = @account_id AND token_hash = @token_hash;

-- name: InsertDevice :exec
INSERT INTO identity.device (account_id, token_hash, first_at, seen_at) VALUES (@account_id, @token_hash, @now, @now);

-- name: DeleteOldDevices :execrows
DELETE FROM identity.device WHERE seen_at < @before;
