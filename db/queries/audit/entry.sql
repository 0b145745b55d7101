-- name: InsertEntry :exec
INSERT INTO audit.entry (id, at, recorded_at, kind, actor_id, actor_kind, on_behalf_id, session_id, network, origin, request, action, object, object_id,
  person_id, reason, purpose, detail, salt, leaf)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20);

-- name: ListEntries :many
SELECT sqlc.embed(e), EXISTS (SELECT FROM audit.sequence s WHERE s.entry_id = e.id)::boolean AS sequenced
FROM audit.entry e
WHERE (sqlc.narg('action')::text IS NULL OR action = sqlc.narg('action'))
  AND (sqlc.narg('object')::text IS NULL OR object = sqlc.narg('object'))
  AND (sqlc.narg('kind')::text IS NULL OR kind = sqlc.narg('kind'))
  AND (sqlc.narg('purpose')::text IS NULL OR purpose = sqlc.narg('purpose'))
  AND (sqlc.narg('object_id')::uuid IS NULL OR object_id = sqlc.narg('object_id'))
  AND (sqlc.narg('actor_id')::uuid IS NULL OR actor_id = sqlc.narg('actor_id') OR on_behalf_id = sqlc.narg('actor_id'))
  AND (sqlc.narg('person_id')::uuid IS NULL OR person_id = sqlc.narg('person_id'))
  AND (sqlc.narg('request')::text IS NULL OR request = sqlc.narg('request'))
  AND (sqlc.narg('since')::timestamptz IS NULL OR at >= sqlc.narg('since'))
  AND (sqlc.narg('before')::timestamptz IS NULL OR at < sqlc.narg('before'))
  AND (sqlc.narg('after')::uuid IS NULL OR id < sqlc.narg('after'))
ORDER BY id DESC LIMIT @size;

-- name: ListAbout :many
SELECT * FROM audit.entry
WHERE person_id = ANY(@persons::uuid[])
  AND NOT (actor_kind = 'person' AND actor_id = ANY(@persons::uuid[]) AND on_behalf_id IS NULL) AND actor_kind <> 'system'
  AND NOT (actor_kind = 'anonymous' AND kind = 'change')
  AND (sqlc.narg('kind')::text IS NULL OR kind = sqlc.narg('kind'))
  AND (sqlc.narg('since')::timestamptz IS NULL OR at >= sqlc.narg('since'))
  AND (sqlc.narg('before')::timestamptz IS NULL OR at < sqlc.narg('before'))
  AND (sqlc.narg('after')::uuid IS NULL OR id < sqlc.narg('after'))
ORDER BY id DESC LIMIT @size;

-- name: GetEntry :one
SELECT sqlc.embed(e), coalesce((SELECT s.seq FROM audit.sequence s WHERE s.entry_id = e.id), -1)::bigint AS seq
FROM audit.entry e WHERE e.id = @id;

-- name: GetEntries :many
SELECT * FROM audit.entry WHERE id = ANY(@ids::uuid[]);

-- name: GetWindowEnd :one
SELECT coalesce((SELECT id FROM audit.entry WHERE id > @after ORDER BY id OFFSET @size::bigint LIMIT 1), 'ffffffff-ffff-ffff-ffff-ffffffffffff')::uuid;

-- name: ListOutside :many
SELECT * FROM audit.entry e
WHERE e.id > @after AND e.id <= @until::uuid AND NOT EXISTS (SELECT FROM audit.sequence s WHERE s.tenant_id = e.tenant_id AND s.entry_id = e.id OFFSET 0)
ORDER BY e.id;

-- name: ListPersonal :many
SELECT sqlc.embed(e), s.seq FROM audit.entry e JOIN audit.sequence s ON s.tenant_id = e.tenant_id AND s.entry_id = e.id
WHERE (e.person_id = @person_id OR e.actor_id = @person_id OR e.on_behalf_id = @person_id) AND e.id > @after
ORDER BY e.id LIMIT @size;

-- name: EraseEntries :execrows
UPDATE audit.entry e SET salt = NULL, erased = n.erased,
  actor_id = CASE WHEN n.actor THEN NULL ELSE e.actor_id END, on_behalf_id = CASE WHEN n.on_behalf THEN NULL ELSE e.on_behalf_id END,
  session_id = CASE WHEN n.session THEN NULL ELSE e.session_id END, network = CASE WHEN n.network THEN '' ELSE e.network END,
  origin = CASE WHEN n.network THEN NULL ELSE e.origin END, object_id = CASE WHEN n.object THEN NULL ELSE e.object_id END,
  person_id = CASE WHEN n.person THEN NULL ELSE e.person_id END
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@erased::text[]) AS erased, unnest(@actor::boolean[]) AS actor, unnest(@on_behalf::boolean[]) AS on_behalf,
  unnest(@session::boolean[]) AS session, unnest(@network::boolean[]) AS network, unnest(@object::boolean[]) AS object,
  unnest(@person::boolean[]) AS person) n
WHERE e.id = n.id;
