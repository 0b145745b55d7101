-- Pages of what is sealed, without what is in it: the first six bytes tell by which key.

-- name: PageRequests :many
SELECT id, substring(answers FROM 1 FOR 6)::bytea AS answers, substring(note FROM 1 FOR 6)::bytea AS note
FROM request.request WHERE person_id = @person AND id > @after ORDER BY id LIMIT @size;

-- name: LockSealed :one
SELECT person_id, answers, note FROM request.request WHERE id = $1 FOR UPDATE;

-- name: SetSealed :exec
UPDATE request.request SET answers = $2, note = $3 WHERE id = $1;

-- name: PageEntries :many
SELECT e.id, substring(e.note FROM 1 FOR 6)::bytea AS head
FROM request.request r JOIN request.entry e ON e.tenant_id = r.tenant_id AND e.request_id = r.id
WHERE r.person_id = @person AND e.id > @after AND e.note IS NOT NULL ORDER BY e.id LIMIT @size;

-- name: LockEntry :one
SELECT r.person_id, e.note FROM request.entry e JOIN request.request r ON r.tenant_id = e.tenant_id AND r.id = e.request_id
WHERE e.id = $1 FOR UPDATE OF e;

-- name: SetEntryNote :exec
UPDATE request.entry SET note = $2 WHERE id = $1;
