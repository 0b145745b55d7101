-- name: InsertSaved :exec
INSERT INTO workbench.saved (id, owner_id, agency, name, filter, saved_at) VALUES (@id, @owner_id, @agency, @name, @filter, @saved_at);

-- name: ListSaved :many
-- What an officer has saved, and what colleagues have for the agencies they work in; pinned first.
SELECT s.id, s.owner_id, s.agency, s.name, s.filter, (p.saved_id IS NOT NULL)::boolean AS pinned
FROM workbench.saved s LEFT JOIN workbench.pin p ON p.saved_id = s.id AND p.account_id = @me::uuid
WHERE s.agency = '' AND s.owner_id = @me OR s.agency <> '' AND s.agency = ANY (@agencies::text[])
ORDER BY s.saved_at, s.id LIMIT 200;

-- name: LockSaved :one
SELECT owner_id, agency, name FROM workbench.saved WHERE id = @id FOR UPDATE;

-- name: DeleteSaved :exec
DELETE FROM workbench.saved WHERE id = @id;

-- name: InsertPin :exec
INSERT INTO workbench.pin (account_id, saved_id) VALUES (@account_id, @saved_id) ON CONFLICT DO NOTHING;

-- name: DeletePin :exec
DELETE FROM workbench.pin WHERE account_id = @account_id AND saved_id = @saved_id;
