-- name: PagePurposes :many
-- What is sealed, without what is in it: the first six bytes tell by which key.
SELECT s.id, substring(s.purpose FROM 1 FOR 6)::bytea AS head
FROM wallet.item i JOIN wallet.share s ON s.tenant_id = i.tenant_id AND s.item_id = i.id
WHERE i.person_id = @person AND s.id > @after ORDER BY s.id LIMIT @size;

-- name: LockPurpose :one
SELECT i.person_id, s.purpose FROM wallet.share s JOIN wallet.item i ON i.tenant_id = s.tenant_id AND i.id = s.item_id
WHERE s.id = $1 FOR UPDATE OF s;

-- name: SetPurpose :exec
UPDATE wallet.share SET purpose = $2 WHERE id = $1;
