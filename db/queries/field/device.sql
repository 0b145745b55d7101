-- name: InsertDevice :execrows
INSERT INTO field.device (id, account_id, name, registered_at, seen_at) VALUES (@id, @account_id, @name, @now, @now)
ON CONFLICT DO NOTHING;

-- name: GetDevice :one
SELECT * FROM field.device WHERE id = @id;

-- name: SeeDevice :exec
UPDATE field.device SET seen_at = @now, unsent = @unsent WHERE id = @id;

-- name: AskWipe :execrows
UPDATE field.device SET status = 'asked', asked_by = @asked_by, asked_at = @now WHERE id = @id AND status = 'active';

-- name: SetDeviceGone :execrows
UPDATE field.device SET status = CASE status WHEN 'asked' THEN 'wiped' ELSE 'left' END, gone_at = @now, unsent = 0
WHERE id = @id AND status IN ('active', 'asked');

-- name: ListDevices :many
SELECT * FROM field.device
WHERE (@status::text = '' OR status = @status) AND (@account_id::uuid = '00000000-0000-0000-0000-000000000000' OR account_id = @account_id)
  AND (seen_at, id) < (@before::timestamptz, @before_id::uuid)
ORDER BY seen_at DESC, id DESC LIMIT @lim;
