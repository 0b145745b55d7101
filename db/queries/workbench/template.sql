-- name: PutTemplate :exec
INSERT INTO workbench.template (id, agency, service, name, body, changed_by, changed_at) VALUES (@id, @agency, @service, @name, @body, @changed_by, @changed_at)
ON CONFLICT (tenant_id, id) DO UPDATE SET service = EXCLUDED.service, name = EXCLUDED.name, body = EXCLUDED.body, changed_by = EXCLUDED.changed_by, changed_at = EXCLUDED.changed_at
WHERE workbench.template.agency = EXCLUDED.agency;

-- name: ListTemplates :many
SELECT * FROM workbench.template WHERE agency = ANY (@agencies::text[]) ORDER BY name, id LIMIT 500;

-- name: GetTemplate :one
SELECT * FROM workbench.template WHERE id = @id;

-- name: DeleteTemplate :exec
DELETE FROM workbench.template WHERE id = @id;
