-- name: InsertSession :exec
INSERT INTO identity.session (id, account_id, token_hash, method, ip, created_at, seen_at, idle_until, expires_at)
VALUES (@id, @account_id, @token_hash, @method, @ip, @now, @now, @idle_until, @expires_at);

-- name: GetPrincipal :one
SELECT s.id AS session_id, s.seen_at, s.idle_until, s.expires_at, a.id AS account_id, a.kind, a.name, a.lang, a.status,
  identity.standing(a.id, s.delegation_id, @now::timestamptz) AS standing
FROM identity.session s JOIN identity.account a ON a.tenant_id = s.tenant_id AND a.id = s.account_id
WHERE s.token_hash = @token_hash;

-- name: TouchSession :exec
UPDATE identity.session SET seen_at = @now, idle_until = @idle_until WHERE id = @id AND seen_at < @now;

-- name: DeleteSessionByToken :one
DELETE FROM identity.session WHERE token_hash = $1 RETURNING id, account_id;

-- name: ListSessions :many
SELECT id, method, ip, created_at, seen_at, expires_at FROM identity.session
WHERE account_id = @account_id AND expires_at > @now AND idle_until > @now ORDER BY seen_at DESC, id;

-- name: DeleteSession :execrows
DELETE FROM identity.session WHERE account_id = @account_id AND id = @id;

-- name: DeleteSessions :execrows
DELETE FROM identity.session WHERE account_id = $1;

-- name: DeleteOldSessions :execrows
DELETE FROM identity.session WHERE expires_at < @before;
