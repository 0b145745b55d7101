-- name: ListKept :many
SELECT id, reference, service, version, status, receipt, updated_at FROM request.request
WHERE person_id = @person AND status IN ('submitted', 'correction', 'closed') ORDER BY id DESC LIMIT 1000;

-- name: ListDrafts :many
SELECT id FROM request.request WHERE person_id = @person AND status IN ('draft', 'discarded') ORDER BY id;

-- name: DeleteKeysOf :exec
DELETE FROM request.key WHERE request_id = $1;

-- name: DeleteEntriesOf :exec
DELETE FROM request.entry WHERE request_id = $1;

-- name: DeleteRequest :exec
DELETE FROM request.request WHERE id = $1 AND status IN ('draft', 'discarded');
