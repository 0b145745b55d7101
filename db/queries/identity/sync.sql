-- name: InsertSync :exec
INSERT INTO identity.directory_sync (id, directory, state, dry_run, asked_by, started_at) VALUES ($1, $2, 'reading', $3, $4, $5);

-- name: GetSync :one
SELECT id, directory, state, dry_run, asked_by, started_at, finished_at, entries, linked, problem FROM identity.directory_sync WHERE id = $1;

-- name: LockSync :one
SELECT id, directory, state, dry_run, asked_by, started_at, finished_at, entries, linked, problem FROM identity.directory_sync WHERE id = $1 FOR UPDATE;

-- name: SetSyncState :exec
UPDATE identity.directory_sync SET state = @state, finished_at = @finished_at, problem = @problem WHERE id = @id;

-- name: SetSyncRead :exec
UPDATE identity.directory_sync SET entries = @entries, linked = @linked WHERE id = @id;

-- name: ApproveSync :exec
UPDATE identity.directory_sync SET state = 'applying', finished_at = NULL, asked_by = @asked_by WHERE id = @id;

-- name: ListSyncs :many
SELECT s.id, s.directory, s.state, s.dry_run, s.asked_by, s.started_at, s.finished_at, s.entries, s.linked, s.problem,
  (SELECT count(*) FROM identity.directory_change c WHERE c.sync_id = s.id AND c.act = 'suspend')::bigint AS suspended,
  (SELECT count(*) FROM identity.directory_change c WHERE c.sync_id = s.id AND c.act = 'restore')::bigint AS restored,
  (SELECT count(*) FROM identity.directory_change c WHERE c.sync_id = s.id AND c.act = 'grants')::bigint AS changed
FROM identity.directory_sync s
WHERE s.directory = @directory AND (sqlc.narg('after')::uuid IS NULL OR s.id < sqlc.narg('after'))
ORDER BY s.id DESC LIMIT @size;

-- name: CountChanges :one
SELECT (count(*) FILTER (WHERE act = 'suspend'))::bigint AS suspended, (count(*) FILTER (WHERE act = 'restore'))::bigint AS restored,
  (count(*) FILTER (WHERE act = 'grants'))::bigint AS changed, (count(*) FILTER (WHERE act <> 'none' AND applied_at IS NOT NULL))::bigint AS applied
FROM identity.directory_change WHERE sync_id = $1;

-- name: DropUnfinishedSyncs :exec
UPDATE identity.directory_sync SET state = 'dropped', finished_at = @now::timestamptz WHERE directory = @directory AND state IN ('held', 'reading', 'applying') AND id <> @besides;

-- name: LatestSync :one
SELECT id, state FROM identity.directory_sync WHERE directory = $1 AND NOT dry_run ORDER BY id DESC LIMIT 1;

-- name: FindLinked :many
SELECT l.entry_index, l.account_id, a.status, a.suspended_by, a.emergency FROM identity.directory_link l
JOIN identity.account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
WHERE l.directory = @directory AND l.entry_index = ANY(@entries::bytea[]);

-- name: ListUnseen :many
SELECT l.account_id, a.status, a.suspended_by, a.emergency FROM identity.directory_link l
JOIN identity.account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
WHERE l.directory = @directory AND NOT EXISTS (SELECT FROM identity.directory_change c WHERE c.sync_id = @sync_id AND c.account_id = l.account_id)
ORDER BY l.account_id;

-- name: CountActiveLinked :one
SELECT count(*)::bigint FROM identity.directory_link l JOIN identity.account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
WHERE l.directory = $1 AND a.status = 'active';

-- name: InsertChanges :exec
INSERT INTO identity.directory_change (sync_id, account_id, act, why, grants)
SELECT @sync_id, unnest(@accounts::uuid[]), unnest(@acts::text[]), unnest(@whys::text[]), unnest(@grants::text[])::jsonb
ON CONFLICT (tenant_id, sync_id, account_id) DO NOTHING;

-- name: DeleteChanges :exec
DELETE FROM identity.directory_change WHERE sync_id = $1;

-- name: ListDue :many
SELECT account_id, act, why, grants FROM identity.directory_change
WHERE sync_id = @sync_id AND act <> 'none' AND applied_at IS NULL ORDER BY account_id LIMIT @size;

-- name: SetApplied :exec
UPDATE identity.directory_change SET applied_at = @applied_at WHERE sync_id = @sync_id AND account_id = @account_id;

-- name: ListChanges :many
SELECT c.account_id, c.act, c.why, c.grants, c.applied_at, a.name FROM identity.directory_change c
JOIN identity.account a ON a.tenant_id = c.tenant_id AND a.id = c.account_id
WHERE c.sync_id = @sync_id AND c.act <> 'none' AND (sqlc.narg('act')::text IS NULL OR c.act = sqlc.narg('act'))
  AND (sqlc.narg('after')::uuid IS NULL OR c.account_id > sqlc.narg('after'))
ORDER BY c.account_id LIMIT @size;

-- name: DeleteOldSyncs :execrows
DELETE FROM identity.directory_sync WHERE started_at < @before AND state NOT IN ('reading', 'applying', 'held');

-- name: DeleteSyncs :exec
DELETE FROM identity.directory_sync WHERE directory = $1;

-- name: LockStanding :one
SELECT status, suspended_by FROM identity.account WHERE id = $1 FOR UPDATE;
