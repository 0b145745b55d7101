-- name: PutVerdict :exec
INSERT INTO workbench.verdict (id, application_id, question, fine, reason, by_id, at) VALUES (@id, @application_id, @question, @fine, sqlc.narg(reason), @by_id, @at)
ON CONFLICT (tenant_id, application_id, question)
DO UPDATE SET id = EXCLUDED.id, fine = EXCLUDED.fine, reason = EXCLUDED.reason, by_id = EXCLUDED.by_id, at = EXCLUDED.at;

-- name: ListVerdicts :many
SELECT * FROM workbench.verdict WHERE application_id = @application_id ORDER BY question;

-- name: PageVerdicts :many
SELECT id, application_id, substring(reason FROM 1 FOR 6)::bytea AS head FROM workbench.verdict WHERE reason IS NOT NULL AND id > @after ORDER BY id LIMIT @size;

-- name: LockVerdict :one
SELECT reason FROM workbench.verdict WHERE id = @id FOR UPDATE;

-- name: SetVerdictReason :exec
UPDATE workbench.verdict SET reason = @reason WHERE id = @id;

-- name: PutTwin :exec
INSERT INTO workbench.twin (id, first_id, second_id, same, reason, by_id, at) VALUES (@id, @first_id, @second_id, @same, @reason, @by_id, @at)
ON CONFLICT (tenant_id, first_id, second_id)
DO UPDATE SET id = EXCLUDED.id, same = EXCLUDED.same, reason = EXCLUDED.reason, by_id = EXCLUDED.by_id, at = EXCLUDED.at;

-- name: ListTwins :many
SELECT * FROM workbench.twin WHERE first_id = @id::uuid OR second_id = @id ORDER BY at, id;

-- name: PageTwins :many
SELECT id, first_id, substring(reason FROM 1 FOR 6)::bytea AS head FROM workbench.twin WHERE id > @after ORDER BY id LIMIT @size;

-- name: LockTwin :one
SELECT reason FROM workbench.twin WHERE id = @id FOR UPDATE;

-- name: SetTwinReason :exec
UPDATE workbench.twin SET reason = @reason WHERE id = @id;
