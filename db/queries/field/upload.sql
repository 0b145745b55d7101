-- name: InsertUpload :execrows
INSERT INTO field.upload (id, device_id, account_id, application_id, person_id, code, media_type, size, sha256, begun_at)
VALUES (@id, @device_id, @account_id, @application_id, @person_id, @code, @media_type, @size, @sha256, @now)
ON CONFLICT DO NOTHING;

-- name: CountOpenUploads :one
SELECT count(*) FROM field.upload WHERE device_id = @device_id AND document_id IS NULL;

-- name: LockUpload :one
SELECT * FROM field.upload WHERE id = @id FOR UPDATE;

-- name: GetUpload :one
SELECT * FROM field.upload WHERE id = @id;

-- name: SetReceived :exec
UPDATE field.upload SET received = @received WHERE id = @id;

-- name: SetDocument :exec
UPDATE field.upload SET document_id = @document_id WHERE id = @id;

-- name: DeleteUpload :exec
DELETE FROM field.upload WHERE id = @id;

-- name: DeleteStale :exec
DELETE FROM field.upload WHERE document_id IS NULL AND begun_at < @before;

-- name: InsertPiece :exec
INSERT INTO field.piece (id, upload_id, at, content) VALUES (@id, @upload_id, @at, @content);

-- name: ListPieces :many
SELECT id, content FROM field.piece WHERE upload_id = @upload_id ORDER BY at;

-- name: DeletePieces :exec
DELETE FROM field.piece WHERE upload_id = @upload_id;

-- name: PagePieces :many
SELECT p.id, u.person_id, substring(p.content FROM 1 FOR 6)::bytea AS head FROM field.piece p
JOIN field.upload u ON u.tenant_id = p.tenant_id AND u.id = p.upload_id
WHERE p.id > @after AND u.person_id = @person ORDER BY p.id LIMIT @size;

-- name: LockPiece :one
SELECT p.content, u.person_id FROM field.piece p JOIN field.upload u ON u.tenant_id = p.tenant_id AND u.id = p.upload_id WHERE p.id = @id FOR UPDATE OF p;

-- name: SetPiece :exec
UPDATE field.piece SET content = @content WHERE id = @id;
