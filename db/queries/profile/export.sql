-- name: InsertExport :exec
INSERT INTO profile.export (id, account_id, lang, status, asked_at) VALUES (@id, @account_id, @lang, 'making', @now);

-- name: GetExport :one
SELECT id, account_id, lang, status, document_id, asked_at, ready_at, expires_at FROM profile.export WHERE id = $1;

-- name: LastExport :one
SELECT id, account_id, lang, status, document_id, asked_at, ready_at, expires_at FROM profile.export WHERE account_id = $1 ORDER BY id DESC LIMIT 1;

-- name: SetExportReady :execrows
UPDATE profile.export SET status = 'ready', document_id = @document_id::uuid, ready_at = @now::timestamptz, expires_at = @expires_at::timestamptz
WHERE id = @id AND status = 'making';

-- name: SetExportExpired :exec
UPDATE profile.export SET status = 'expired', document_id = NULL WHERE id = $1;

-- name: PutErasure :exec
INSERT INTO profile.erasure (account_id, status, asked_at, due_at) VALUES (@account_id, 'asked', @now, @due_at)
ON CONFLICT (tenant_id, account_id) DO UPDATE SET status = 'asked', asked_at = @now, due_at = @due_at, kept_until = NULL, ended_at = NULL;

-- name: GetErasure :one
SELECT account_id, status, asked_at, due_at, kept_until, ended_at FROM profile.erasure WHERE account_id = $1;

-- name: LockErasure :one
SELECT account_id, status, asked_at, due_at, kept_until, ended_at FROM profile.erasure WHERE account_id = $1 FOR UPDATE;

-- name: SetErasure :exec
UPDATE profile.erasure SET status = @status, kept_until = sqlc.narg(kept_until), ended_at = sqlc.narg(ended_at) WHERE account_id = @account_id;

-- name: DeleteMembers :exec
DELETE FROM profile.member WHERE account_id = $1;

-- name: ClearPerson :exec
UPDATE profile.person SET boundary = '', channels = '{}', reminders = '{}' WHERE account_id = $1;
