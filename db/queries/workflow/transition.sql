-- name: InsertTransition :exec
INSERT INTO workflow.transition (instance_id, rev, action, cause, from_state, to_state, kind, actor_id, role, comment, checklist, at, working, calendar,
  branch, reasons, findings, because)
VALUES (@instance_id, @rev, @action, @cause, @from_state, @to_state, @kind, sqlc.narg(actor_id), @role, @comment, @checklist, @at, @working, @calendar,
  @branch, @reasons, @findings, @because);

-- name: ListTransitions :many
SELECT * FROM workflow.transition WHERE instance_id = @instance_id ORDER BY rev;

-- name: GetTransition :one
SELECT * FROM workflow.transition WHERE instance_id = @instance_id AND rev = @rev;

-- name: ListActors :many
-- Who has taken which actions on a case: separation of duties asks it.
SELECT DISTINCT action, actor_id::uuid AS actor_id FROM workflow.transition
WHERE instance_id = @instance_id AND actor_id IS NOT NULL AND cause NOT IN ('held', 'undone', 'lapsed');

-- name: ListSince :many
-- What happened to a case after a revision, the last first.
SELECT * FROM workflow.transition WHERE instance_id = @instance_id AND rev > @rev ORDER BY rev DESC LIMIT 5;

-- name: ListFindings :many
-- What officers found out, in the order in which they did, and the coded reasons of what was done last.
SELECT rev, action, reasons, findings FROM workflow.transition
WHERE instance_id = @instance_id AND cause IN ('staff', 'citizen') ORDER BY rev;
