-- name: InsertInstance :exec
INSERT INTO workflow.instance (id, reference, service, version, person_id, agency, boundary, boundary_path, state, kind, role,
  rev, started_at, entered_at, state_due_at, total_due_at, paused_at, ended_at, outcome)
VALUES (@id, @reference, @service, @version, @person_id, @agency, @boundary, @boundary_path, @state, @kind, @role,
  1, @now, @now, sqlc.narg(state_due_at), sqlc.narg(total_due_at), sqlc.narg(paused_at), sqlc.narg(ended_at), @outcome);

-- name: GetInstance :one
SELECT * FROM workflow.instance WHERE id = @id;

-- name: GetInstanceByReference :one
SELECT * FROM workflow.instance WHERE reference COLLATE "C" = @reference::text LIMIT 1;

-- name: LockInstance :one
SELECT * FROM workflow.instance WHERE id = @id FOR UPDATE;

-- name: SetInstance :execrows
-- The rev guards against a writer that did not lock.
UPDATE workflow.instance SET state = @state, kind = @kind, role = @role, assignee = sqlc.narg(assignee), claimed_at = sqlc.narg(claimed_at),
  rev = @rev, entered_at = @entered_at, state_due_at = sqlc.narg(state_due_at), total_due_at = sqlc.narg(total_due_at),
  warned = @warned, overdue = @overdue, paused_at = sqlc.narg(paused_at), paused_seconds = @paused_seconds,
  ended_at = sqlc.narg(ended_at), outcome = @outcome
WHERE id = @id AND rev = @old_rev;

-- name: ListWorking :many
-- Which roles of which agencies have open work.
SELECT DISTINCT agency, role FROM workflow.instance WHERE kind IN ('work', 'field') ORDER BY agency, role;

-- name: SetOverdue :execrows
UPDATE workflow.instance SET overdue = true, warned = true WHERE id = @id AND NOT overdue;

-- name: SetWarned :execrows
UPDATE workflow.instance SET warned = true WHERE id = @id AND NOT warned;
