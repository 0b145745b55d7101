-- Pages of what is sealed, without what is in it: the first six bytes tell by which key.

-- name: PageRequests :many
SELECT id, substring(answers FROM 1 FOR 6)::bytea AS answers, substring(note FROM 1 FOR 6)::bytea AS note, substring(found FROM 1 FOR 6)::bytea AS found
FROM request.request WHERE person_id = @person AND id > @after ORDER BY id LIMIT @size;

-- name: LockSealed :one
SELECT person_id, answers, note, found FROM request.request WHERE id = $1 FOR UPDATE;

-- name: SetSealed :exec
UPDATE request.request SET answers = $2, note = $3, found = $4 WHERE id = $1;

-- name: PageEntries :many
SELECT e.id, substring(e.note FROM 1 FOR 6)::bytea AS head
FROM request.request r JOIN request.entry e ON e.tenant_id = r.tenant_id AND e.request_id = r.id
WHERE r.person_id = @person AND e.id > @after AND e.note IS NOT NULL ORDER BY e.id LIMIT @size;

-- name: LockEntry :one
SELECT r.person_id, e.note FROM request.entry e JOIN request.request r ON r.tenant_id = e.tenant_id AND r.id = e.request_id
WHERE e.id = $1 FOR UPDATE OF e;

-- name: SetEntryNote :exec
UPDATE request.entry SET note = $2 WHERE id = $1;

-- name: PageKeys :many
SELECT id, substring(body FROM 1 FOR 6)::bytea AS head FROM request.key WHERE person_id = @person AND id > @after ORDER BY id LIMIT @size;

-- name: PageKeyIndexes :many
SELECT id, substring(key FROM 1 FOR 8)::bytea AS head FROM request.key WHERE id > @after ORDER BY id LIMIT @size;

-- name: LockKey :one
SELECT person_id, body FROM request.key WHERE id = $1 FOR UPDATE;

-- name: SetKeyBody :exec
UPDATE request.key SET body = $2 WHERE id = $1;

-- name: SetKeyIndex :exec
UPDATE request.key SET key = $2 WHERE id = $1;
