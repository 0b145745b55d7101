-- name: PageComments :many
-- What is sealed, without what is in it: the first six bytes tell by which key.
SELECT t.instance_id, t.rev, substring(t.comment FROM 1 FOR 6)::bytea AS comment, substring(t.findings FROM 1 FOR 6)::bytea AS findings,
  substring(t.because FROM 1 FOR 6)::bytea AS because
FROM workflow.instance i JOIN workflow.transition t ON t.tenant_id = i.tenant_id AND t.instance_id = i.id
WHERE i.person_id = @person AND i.id >= @instance AND (t.instance_id, t.rev) > (@instance::uuid, @rev::bigint) AND (t.comment IS NOT NULL OR t.findings IS NOT NULL OR t.because IS NOT NULL)
ORDER BY t.instance_id, t.rev LIMIT @size;

-- name: LockComment :one
SELECT i.person_id, t.comment, t.findings, t.because FROM workflow.transition t JOIN workflow.instance i ON i.tenant_id = t.tenant_id AND i.id = t.instance_id
WHERE t.instance_id = $1 AND t.rev = $2 FOR UPDATE OF i;

-- name: SetComment :exec
UPDATE workflow.transition SET comment = $3, findings = $4, because = $5 WHERE instance_id = $1 AND rev = $2;
