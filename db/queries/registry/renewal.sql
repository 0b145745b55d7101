-- Pages of what is sealed, without what is in it: the first six bytes tell by which key.

-- name: PageRecords :many
SELECT id, substring(data FROM 1 FOR 6)::bytea AS head FROM registry.record WHERE holder_id = @person AND id > @after ORDER BY id LIMIT @size;

-- name: LockRecordByID :one
SELECT id, holder_id, version, data FROM registry.record WHERE id = $1 FOR UPDATE;

-- name: SetRecordData :exec
UPDATE registry.record SET data = $2 WHERE id = $1;

-- name: PageVersions :many
SELECT record_id, version, substring(data FROM 1 FOR 6)::bytea AS head FROM registry.version
WHERE holder_id = @person AND (record_id, version) > (@record::uuid, @version::int) ORDER BY record_id, version LIMIT @size;

-- name: LockVersion :one
SELECT holder_id, data FROM registry.version WHERE record_id = $1 AND version = $2 FOR UPDATE;

-- name: SetVersionData :exec
UPDATE registry.version SET data = $3 WHERE record_id = $1 AND version = $2;
