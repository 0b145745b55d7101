-- name: InsertItem :exec
INSERT INTO wallet.item (id, person_id, credential_id, number, type, title, agency, status, issued_at, expires_at)
VALUES (@id, @person_id, @credential_id, @number, @type, @title, @agency, 'valid', @issued_at, @expires_at)
ON CONFLICT DO NOTHING;

-- name: LockItem :one
SELECT id
FROM wallet.item
WHERE credential_id = @credential_id
FOR UPDATE;

-- name: SetItemStatus :exec
UPDATE wallet.item
SET status = @status
WHERE credential_id = @credential_id;

-- name: SetItemHidden :execrows
UPDATE wallet.item
SET hidden_at = @hidden_at
WHERE id = @id AND person_id = ANY(@persons::uuid[]);

-- name: GetItem :one
SELECT id, person_id, credential_id, number, type, title, agency, status, issued_at, expires_at, hidden_at
FROM wallet.item
WHERE id = @id AND person_id = ANY(@persons::uuid[]);

-- name: ListItems :many
SELECT id, person_id, credential_id, number, type, title, agency, status, issued_at, expires_at, hidden_at
FROM wallet.item
WHERE person_id = ANY(@persons::uuid[])
  AND (hidden_at IS NOT NULL) = @hidden::bool
  AND (@before::uuid = '00000000-0000-0000-0000-000000000000' OR id < @before)
ORDER BY id DESC
LIMIT @count;

-- name: InsertShare :exec
INSERT INTO wallet.share (id, item_id, token_hash, claims, purpose, created_at, until)
VALUES (@id, @item_id, @token_hash, @claims, @purpose, @created_at, @until);

-- name: ListShares :many
SELECT id, item_id, claims, purpose, created_at, until, ended_at, views, viewed_at
FROM wallet.share
WHERE item_id = @item_id
ORDER BY id DESC;

-- name: EndShare :execrows
UPDATE wallet.share AS s
SET ended_at = @ended_at
FROM wallet.item AS i
WHERE s.id = @id AND s.ended_at IS NULL AND i.id = s.item_id AND i.person_id = ANY(@persons::uuid[]);

-- name: ViewShare :one
UPDATE wallet.share AS s
SET views = s.views + 1, viewed_at = @now
FROM wallet.item AS i
WHERE s.token_hash = @token_hash AND s.ended_at IS NULL AND s.until > @now AND i.id = s.item_id
RETURNING s.id, s.claims, s.until, i.credential_id, i.person_id;

-- name: FindItem :one
SELECT id, person_id, credential_id, number, type, title, agency, status, issued_at, expires_at, hidden_at
FROM wallet.item
WHERE credential_id = @credential_id AND person_id = ANY(@persons::uuid[]);

-- name: ListOpenShares :many
SELECT s.id, s.item_id, s.claims, s.purpose, s.created_at, s.until, s.views, s.viewed_at, i.title, i.number, i.person_id
FROM wallet.item AS i JOIN wallet.share AS s ON s.tenant_id = i.tenant_id AND s.item_id = i.id
WHERE i.person_id = ANY(@persons::uuid[]) AND s.ended_at IS NULL AND s.until > @now
ORDER BY s.id DESC LIMIT 200;
