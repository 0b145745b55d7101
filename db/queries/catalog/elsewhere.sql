-- name: PutElsewhere :exec
INSERT INTO catalog.elsewhere (id, agency, name, summary, languages, life_events, url, status, changed_at)
VALUES (@id, @agency, @name, @summary, @languages, @life_events, @url, 'published', @now)
ON CONFLICT (tenant_id, id) DO UPDATE SET agency = excluded.agency, name = excluded.name, summary = excluded.summary, languages = excluded.languages,
  life_events = excluded.life_events, url = excluded.url, changed_at = excluded.changed_at;

-- name: SetElsewhereStatus :execrows
UPDATE catalog.elsewhere SET status = @status, changed_at = @now WHERE id = @id AND status <> @status;

-- name: LockElsewhere :one
SELECT id, agency, name, summary, languages, life_events, url, status, changed_at FROM catalog.elsewhere WHERE id = @id FOR UPDATE;

-- name: GetElsewhere :one
SELECT id, agency, name, summary, languages, life_events, url, status, changed_at FROM catalog.elsewhere WHERE id = @id;

-- name: ListElsewhere :many
SELECT id, agency, name, summary, languages, life_events, url, status, changed_at FROM catalog.elsewhere
WHERE (status = 'published' OR @withdrawn::boolean) ORDER BY id;

-- name: CountElsewhere :one
SELECT count(*) FROM catalog.elsewhere;

-- name: LockElsewheres :exec
-- New ones wait for each other, so that they are counted.
SELECT pg_advisory_xact_lock(hashtextextended(platform.current_tenant()::text || ' catalog elsewhere', 0));
