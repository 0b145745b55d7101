-- name: InsertBulk :exec
INSERT INTO workbench.bulk (id, by_id, status, made_at) VALUES (@id, @by_id, 'chosen', @made_at);

-- name: InsertBulkItems :exec
INSERT INTO workbench.bulk_item (bulk_id, no, application_id, branch, reference, rev)
SELECT @bulk_id::uuid, unnest(@nos::integer[]), unnest(@applications::uuid[]), unnest(@branches::text[]), unnest(@refs::text[]), unnest(@revs::bigint[]);

-- name: GetBulk :one
SELECT * FROM workbench.bulk WHERE id = @id;

-- name: LockBulk :one
SELECT * FROM workbench.bulk WHERE id = @id FOR UPDATE;

-- name: StartBulk :exec
UPDATE workbench.bulk SET kind = @kind, action = @action, to_id = sqlc.narg(to_id), comment = sqlc.narg(comment), checklist = @checklist, reasons = @reasons, status = 'running'
WHERE id = @id;

-- name: SetBulkStatus :exec
UPDATE workbench.bulk SET status = @status, finished_at = sqlc.narg(finished_at) WHERE id = @id;

-- name: ListBulkItems :many
SELECT * FROM workbench.bulk_item WHERE bulk_id = @bulk_id ORDER BY no;

-- name: LockBulkItem :one
SELECT * FROM workbench.bulk_item WHERE bulk_id = @bulk_id AND no = @no FOR UPDATE;

-- name: ListBulkNumbers :many
-- The items that stand in a status, the first first.
SELECT no FROM workbench.bulk_item WHERE bulk_id = @bulk_id AND status = @status ORDER BY no LIMIT @size;

-- name: SetBulkItem :exec
UPDATE workbench.bulk_item SET status = @status, code = @code, was_id = sqlc.narg(was_id), after_rev = @after_rev, rev = @rev WHERE bulk_id = @bulk_id AND no = @no;

-- name: CountBulkItems :many
SELECT status, count(*) AS total FROM workbench.bulk_item WHERE bulk_id = @bulk_id GROUP BY status;

-- name: WaitAgain :exec
-- What failed waits once more; the act takes each case as it stands then.
UPDATE workbench.bulk_item SET status = 'waiting', code = '', rev = 0 WHERE bulk_id = @bulk_id AND status = 'failed';

-- name: PageBulkComments :many
SELECT id, substring(comment FROM 1 FOR 6)::bytea AS head FROM workbench.bulk WHERE comment IS NOT NULL AND id > @after ORDER BY id LIMIT @size;

-- name: SetBulkComment :exec
UPDATE workbench.bulk SET comment = sqlc.narg(comment) WHERE id = @id;

-- name: InsertHandover :exec
INSERT INTO workbench.handover (id, application_id, branch, from_id, to_id, by_id, reason, at)
VALUES (@id, @application_id, @branch, sqlc.narg(from_id), @to_id, @by_id, sqlc.narg(reason), @at);

-- name: ListHandovers :many
SELECT * FROM workbench.handover WHERE application_id = @application_id ORDER BY at, id;

-- name: PageHandovers :many
SELECT id, application_id, substring(reason FROM 1 FOR 6)::bytea AS head FROM workbench.handover WHERE id > @after ORDER BY id LIMIT @size;

-- name: LockHandover :one
SELECT reason FROM workbench.handover WHERE id = @id FOR UPDATE;

-- name: SetHandoverReason :exec
UPDATE workbench.handover SET reason = @reason WHERE id = @id;
