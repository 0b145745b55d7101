-- name: PageContents :many
-- What is sealed, without what is in it: the first six bytes tell by which key.
SELECT id, substring(content FROM 1 FOR 6)::bytea AS head FROM certificate.credential WHERE holder_id = @person AND id > @after ORDER BY id LIMIT @size;

-- name: LockContent :one
SELECT holder_id, content FROM certificate.credential WHERE id = $1 FOR UPDATE;

-- name: SetContent :exec
UPDATE certificate.credential SET content = $2 WHERE id = $1;

-- name: CountLiving :one
SELECT count(*) AS living, (count(*) FILTER (WHERE expires_at IS NULL) > 0)::boolean AS never, coalesce(max(expires_at), @now)::timestamptz AS until
FROM certificate.credential
WHERE agency = @agency AND issued_at <= @before AND status <> 'revoked' AND (expires_at IS NULL OR expires_at > @now);

-- name: RevokeOf :many
UPDATE certificate.credential SET status = 'revoked', reason = @reason WHERE holder_id = @holder_id AND status <> 'revoked' RETURNING id;
