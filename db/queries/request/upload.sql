-- name: InsertUpload :exec
INSERT INTO request.upload (id, source_id, source_service, source_at)
VALUES (@id, @source_id, @source_service, @source_at);

-- name: ListUploads :many
SELECT id, source_id, source_service, source_at, put_away_at
FROM request.upload
WHERE id = ANY(@ids::uuid[]);

-- name: PutUploadAway :exec
INSERT INTO request.upload (id, put_away_at) VALUES (@id, @now)
ON CONFLICT (tenant_id, id) DO UPDATE SET put_away_at = coalesce(upload.put_away_at, excluded.put_away_at);

-- name: DeleteUpload :exec
DELETE FROM request.upload WHERE id = @id;
