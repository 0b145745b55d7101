-- Pages of what is sealed, without what is in it: the first six bytes tell by which key.

-- name: PageApplications :many
SELECT id, substring(name FROM 1 FOR 6)::bytea AS name, substring(answers FROM 1 FOR 6)::bytea AS answers, substring(previous FROM 1 FOR 6)::bytea AS previous,
  substring(found FROM 1 FOR 6)::bytea AS found, substring(because FROM 1 FOR 6)::bytea AS because, substring(sent_by FROM 1 FOR 6)::bytea AS sent_by
FROM orchestration.application WHERE person_id = @person AND id > @after ORDER BY id LIMIT @size;

-- name: LockSealed :one
SELECT person_id, name, answers, previous, found, because, sent_by FROM orchestration.application WHERE id = $1 FOR UPDATE;

-- name: SetSealed :exec
UPDATE orchestration.application SET name = $2, answers = $3, previous = $4, found = $5, because = $6, sent_by = $7 WHERE id = $1;

-- name: PageVersions :many
SELECT v.application_id, v.no, substring(v.answers FROM 1 FOR 6)::bytea AS answers
FROM orchestration.application a JOIN orchestration.version v ON v.tenant_id = a.tenant_id AND v.application_id = a.id
WHERE a.person_id = @person AND a.id >= @application AND (v.application_id, v.no) > (@application::uuid, @no::integer)
ORDER BY v.application_id, v.no LIMIT @size;

-- name: LockVersion :one
SELECT a.person_id, v.answers FROM orchestration.version v JOIN orchestration.application a ON a.tenant_id = v.tenant_id AND a.id = v.application_id
WHERE v.application_id = $1 AND v.no = $2 FOR UPDATE OF a;

-- name: SetVersion :exec
UPDATE orchestration.version SET answers = $3 WHERE application_id = $1 AND no = $2;

-- name: PageReasons :many
SELECT d.application_id, d.round, substring(d.reason FROM 1 FOR 6)::bytea AS reason, substring(d.because FROM 1 FOR 6)::bytea AS because
FROM orchestration.application a JOIN orchestration.decision d ON d.tenant_id = a.tenant_id AND d.application_id = a.id
WHERE a.person_id = @person AND a.id >= @application AND (d.application_id, d.round) > (@application::uuid, @round::integer)
  AND (d.reason IS NOT NULL OR d.because IS NOT NULL)
ORDER BY d.application_id, d.round LIMIT @size;

-- name: LockReason :one
SELECT a.person_id, d.reason, d.because FROM orchestration.decision d JOIN orchestration.application a ON a.tenant_id = d.tenant_id AND a.id = d.application_id
WHERE d.application_id = $1 AND d.round = $2 FOR UPDATE OF a;

-- name: SetReason :exec
UPDATE orchestration.decision SET reason = $3, because = $4 WHERE application_id = $1 AND round = $2;

-- name: ListPeople :many
SELECT id, person_id FROM orchestration.application WHERE id = ANY(@ids::uuid[]);
