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
  ended_at = sqlc.narg(ended_at), outcome = @outcome, fired = @fired, held_until = sqlc.narg(held_until), held_items = @held_items
WHERE id = @id AND rev = @old_rev;

-- name: SetHeldUntil :exec
-- Gives decisions that are held more time, or less; what is held no more stays as it is.
WITH held AS (SELECT id FROM workflow.instance WHERE id = ANY (@ids::uuid[]) AND kind = 'held' ORDER BY id FOR UPDATE)
UPDATE workflow.instance i SET held_until = @until::timestamptz FROM held WHERE i.id = held.id;

-- name: ListWorking :many
-- Which roles of which agencies have open work, from pair to pair in the index rather than through all of the work.
WITH RECURSIVE cases AS (
  (SELECT i.agency, i.role FROM workflow.instance i WHERE i.kind IN ('work', 'field') ORDER BY i.agency, i.role LIMIT 1)
  UNION ALL
  SELECT n.agency, n.role FROM cases c CROSS JOIN LATERAL (
    SELECT i.agency, i.role FROM workflow.instance i
    WHERE i.kind IN ('work', 'field') AND (i.agency, i.role) > (c.agency, c.role) ORDER BY i.agency, i.role LIMIT 1) n
), branches AS (
  (SELECT b.agency, b.role FROM workflow.branch b WHERE b.kind <> 'done' AND NOT b.closed ORDER BY b.agency, b.role LIMIT 1)
  UNION ALL
  SELECT n.agency, n.role FROM branches c CROSS JOIN LATERAL (
    SELECT b.agency, b.role FROM workflow.branch b
    WHERE b.kind <> 'done' AND NOT b.closed AND (b.agency, b.role) > (c.agency, c.role) ORDER BY b.agency, b.role LIMIT 1) n
)
SELECT agency, role FROM cases UNION SELECT agency, role FROM branches ORDER BY agency, role;

-- name: SetOverdue :execrows
UPDATE workflow.instance SET overdue = true, warned = true WHERE id = @id AND NOT overdue;

-- name: SetWarned :execrows
UPDATE workflow.instance SET warned = true WHERE id = @id AND NOT warned;

-- name: ListBranches :many
SELECT * FROM workflow.branch WHERE instance_id = @instance_id ORDER BY code;

-- name: DeleteBranches :exec
DELETE FROM workflow.branch WHERE instance_id = @instance_id;

-- name: InsertBranch :exec
INSERT INTO workflow.branch (id, instance_id, code, agency, state, kind, role, assignee, claimed_at, rev, entered_at, state_due_at, due_key, outcome)
VALUES (@id, @instance_id, @code, @agency, @state, @kind, @role, sqlc.narg(assignee), sqlc.narg(claimed_at), @rev, @entered_at, sqlc.narg(state_due_at), @due_key, @outcome);

-- name: SetBranch :exec
UPDATE workflow.branch SET state = @state, kind = @kind, role = @role, assignee = sqlc.narg(assignee), claimed_at = sqlc.narg(claimed_at), rev = @rev,
  entered_at = @entered_at, state_due_at = sqlc.narg(state_due_at), due_key = @due_key, fired = @fired, outcome = @outcome
WHERE id = @id;

-- name: CloseBranches :exec
UPDATE workflow.branch SET closed = true, assignee = NULL, claimed_at = NULL WHERE instance_id = @instance_id;

-- name: TakeTurn :one
-- Locks the row of a state's work; a new one begins with nobody.
INSERT INTO workflow.rota (agency, service, state, at) VALUES (@agency, @service, @state, @now)
ON CONFLICT (tenant_id, agency, service, state) DO UPDATE SET at = EXCLUDED.at
RETURNING account_id;

-- name: SetTurn :exec
UPDATE workflow.rota SET account_id = @account_id::uuid WHERE agency = @agency AND service = @service AND state = @state;

-- name: CountLoads :many
-- How much open work each of some people has.
SELECT assignee::uuid AS assignee, count(*) AS load FROM (
  SELECT assignee FROM workflow.instance WHERE assignee = ANY (@accounts::uuid[])
  UNION ALL SELECT assignee FROM workflow.branch WHERE assignee = ANY (@accounts::uuid[])
) w GROUP BY assignee;
