-- name: InsertDraft :exec
INSERT INTO studio.draft (id, code, agency, name, sort_name, base, head, last, created_at, created_by, changed_at, changed_by)
VALUES (@id, @code, @agency, @name, @sort_name, @base, 1, 1, @at, @by, @at, @by);

-- name: GetDraft :one
SELECT * FROM studio.draft WHERE id = @id;

-- name: LockDraft :one
SELECT * FROM studio.draft WHERE id = @id FOR UPDATE;

-- name: GetDraftOf :one
SELECT * FROM studio.draft WHERE code = @code AND discarded_at IS NULL;

-- name: SetDraftHead :exec
UPDATE studio.draft SET code = @code, agency = @agency, name = @name, sort_name = @sort_name, head = @head, last = @last,
  changed_at = @at, changed_by = @by
WHERE id = @id;

-- name: SetDraftBase :exec
UPDATE studio.draft SET base = @base WHERE id = @id;

-- name: SetDraftDiscarded :exec
UPDATE studio.draft SET discarded_at = sqlc.narg(discarded_at) WHERE id = @id;

-- name: ListDrafts :many
-- The last changed first.
SELECT * FROM studio.draft
WHERE (discarded_at IS NOT NULL) = @discarded::boolean
  AND (@everywhere::boolean OR agency = ANY (@agencies::text[]))
  AND (@agency::text = '' OR agency = @agency)
  AND (@words::text = '' OR strpos(sort_name, @words) > 0 OR strpos(code, @words) > 0)
  AND (NOT @paging::boolean OR (changed_at, id) < (@before::timestamptz, @before_id::uuid))
ORDER BY changed_at DESC, id DESC LIMIT @lim;

-- name: ListDraftsByName :many
SELECT * FROM studio.draft
WHERE (discarded_at IS NOT NULL) = @discarded::boolean
  AND (@everywhere::boolean OR agency = ANY (@agencies::text[]))
  AND (@agency::text = '' OR agency = @agency)
  AND (@words::text = '' OR strpos(sort_name, @words) > 0 OR strpos(code, @words) > 0)
  AND (sort_name, id) > (@after_name::text, @after_id::uuid)
ORDER BY sort_name, id LIMIT @lim;

-- name: PurgeRevisions :exec
DELETE FROM studio.revision r USING studio.draft d WHERE r.draft_id = d.id AND d.discarded_at < @before::timestamptz;

-- name: PurgePresence :exec
DELETE FROM studio.presence p USING studio.draft d WHERE p.draft_id = d.id AND d.discarded_at < @before::timestamptz;

-- name: PurgeDrafts :execrows
DELETE FROM studio.draft WHERE discarded_at < @before::timestamptz;
