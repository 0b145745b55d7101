-- name: GetKey :one
SELECT id, body, request_id
FROM request.key
WHERE person_id = @person_id AND key = ANY(@keys::bytea[]);

-- name: InsertKey :exec
INSERT INTO request.key (id, person_id, key, body, request_id, created_at)
VALUES (@id, @person_id, @key, @body, @request_id, @now);

-- name: DeleteKey :exec
DELETE FROM request.key
WHERE id = @id;
