-- name: InsertUpload :execrows
INSERT INTO field.upload (id, device_id, account_id, application_id, person_id, code, media_type, size, begun_at)
VALUES (@id, @device_id, @account_id, @application_id, @person_id, @code, @media_type, @size, @now)
ON CONFLICT DO NOTHING;

-- name: CountOpenUploads :one
SELECT count(*) FROM field.upload WHERE device_id = @device_id AND document_id IS NULL;

-- name: LockUpload :one
SELECT * FROM field.upload WHERE id = @id FOR UPDATE;

-- name: GetUpload :one
SELECT * FROM field.upload WHERE id = @id;

-- name: SetDocument :exec
UPDATE field.upload SET document_id = @document_id WHERE id = @id;

-- name: DeleteUpload :exec
DELETE FROM field.upload WHERE id = @id;

-- name: DeleteStale :exec
DELETE FROM field.upload WHERE document_id IS NULL AND begun_at < @before;
