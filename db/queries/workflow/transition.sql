-- name: InsertTransition :exec
INSERT INTO workflow.transition (instance_id, rev, action, cause, from_state, to_state, kind, actor_id, role, comment, checklist, at, working, calendar)
VALUES (@instance_id, @rev, @action, @cause, @from_state, @to_state, @kind, sqlc.narg(actor_id), @role, @comment, @checklist, @at, @working, @calendar);

-- name: ListTransitions :many
SELECT * FROM workflow.transition WHERE instance_id = @instance_id ORDER BY rev;

-- name: ListActors :many
-- Who has taken which actions on a case: separation of duties asks it.
SELECT DISTINCT action, actor_id::uuid AS actor_id FROM workflow.transition
WHERE instance_id = @instance_id AND actor_id IS NOT NULL;

-- name: GetLastTransition :one
SELECT * FROM workflow.transition WHERE instance_id = @instance_id ORDER BY rev DESC LIMIT 1;
