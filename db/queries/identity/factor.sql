-- name: GetPassword :one
SELECT hash, long FROM identity.password WHERE account_id = $1;

-- name: PutPassword :exec
INSERT INTO identity.password (account_id, hash, long, set_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant_id, account_id) DO UPDATE SET hash = EXCLUDED.hash, long = EXCLUDED.long, set_at = EXCLUDED.set_at;

-- name: RehashPassword :exec
UPDATE identity.password SET hash = @hash WHERE account_id = @account_id AND hash = @old;

-- name: DeletePassword :execrows
DELETE FROM identity.password WHERE account_id = $1;

-- name: GetFactors :one
SELECT p.set_at AS password_at, t.confirmed_at AS totp_at, t.used_at AS totp_used_at,
  (SELECT count(*) FROM identity.recovery_code r WHERE r.account_id = a.id AND r.used_at IS NULL)::bigint AS recovery_left
FROM identity.account a
LEFT JOIN identity.password p ON p.tenant_id = a.tenant_id AND p.account_id = a.id
LEFT JOIN identity.totp t ON t.tenant_id = a.tenant_id AND t.account_id = a.id
WHERE a.id = $1;

-- name: CountStrong :one
SELECT (SELECT count(*) FROM identity.totp t WHERE t.account_id = @account_id AND t.confirmed_at IS NOT NULL)::bigint AS totp,
  (SELECT count(*) FROM identity.passkey p WHERE p.account_id = @account_id AND p.suspect_at IS NULL)::bigint AS passkeys;

-- name: InsertTOTP :exec
INSERT INTO identity.totp (account_id, secret, begun_at) VALUES ($1, $2, $3)
ON CONFLICT (tenant_id, account_id) DO UPDATE SET secret = EXCLUDED.secret, begun_at = EXCLUDED.begun_at, last_step = 0
WHERE totp.confirmed_at IS NULL;

-- name: LockTOTP :one
SELECT secret, last_step, begun_at, confirmed_at FROM identity.totp WHERE account_id = $1 FOR UPDATE;

-- name: UseTOTP :exec
UPDATE identity.totp SET last_step = @last_step, used_at = @now, confirmed_at = coalesce(confirmed_at, @now) WHERE account_id = @account_id;

-- name: DeleteTOTP :execrows
DELETE FROM identity.totp WHERE account_id = $1;

-- name: InsertRecoveryCodes :exec
INSERT INTO identity.recovery_code (account_id, mac, made_at) SELECT @account_id::uuid, unnest(@macs::bytea[]), @made_at::timestamptz;

-- name: LockRecoveryCodes :many
SELECT mac FROM identity.recovery_code WHERE account_id = $1 AND used_at IS NULL FOR UPDATE;

-- name: UseRecoveryCode :execrows
UPDATE identity.recovery_code SET used_at = @now WHERE account_id = @account_id AND mac = @mac AND used_at IS NULL;

-- name: CountRecoveryCodes :one
SELECT count(*) FROM identity.recovery_code WHERE account_id = $1 AND used_at IS NULL;

-- name: DeleteRecoveryCodes :execrows
DELETE FROM identity.recovery_code WHERE account_id = $1;

-- name: OpenAttempt :one
INSERT INTO identity.attempt (kind, subject_index, failures, since, seen_at) VALUES (@kind, @subject_index, 0, @now, @now)
ON CONFLICT (tenant_id, kind, subject_index) DO UPDATE SET kind = EXCLUDED.kind
RETURNING failures, since, seen_at, blocked_until;

-- name: SetAttempt :exec
UPDATE identity.attempt SET failures = @failures, since = @since, seen_at = @seen_at, blocked_until = @blocked_until
WHERE kind = @kind AND subject_index = @subject_index;

-- name: DeleteAttempt :exec
DELETE FROM identity.attempt WHERE kind = @kind AND subject_index = @subject_index;

-- name: DeleteOldAttempts :execrows
DELETE FROM identity.attempt WHERE seen_at < @before AND (blocked_until IS NULL OR blocked_until < @before);
