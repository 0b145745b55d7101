-- name: PutRating :one
-- The first stays the first: its id and its time.
INSERT INTO request.rating (id, request_id, service, agency, stars, good, bad, rated_at, changed_at)
VALUES (@id, @request_id, @service, @agency, @stars, @good, @bad, @now, @now)
ON CONFLICT (tenant_id, request_id) DO UPDATE SET stars = excluded.stars, good = excluded.good, bad = excluded.bad, changed_at = excluded.changed_at
RETURNING id, rated_at;

-- name: SetRatingWords :exec
UPDATE request.rating SET words = sqlc.narg(words) WHERE id = @id;

-- name: GetRating :one
SELECT id, stars, good, bad, words, rated_at, changed_at FROM request.rating WHERE request_id = @request_id;

-- name: ListRemarks :many
SELECT t.id, t.service, t.agency, t.stars, t.good, t.bad, t.words, t.changed_at, r.person_id
FROM request.rating t JOIN request.request r ON r.tenant_id = t.tenant_id AND r.id = t.request_id
WHERE t.words IS NOT NULL AND (@before::uuid = '00000000-0000-0000-0000-000000000000' OR t.id < @before) AND (@everywhere::boolean OR t.agency = ANY (@agencies::text[]))
  AND (@service::text = '' OR t.service = @service) AND t.stars BETWEEN @least::int AND @most::int AND t.rated_at >= @since
ORDER BY t.id DESC LIMIT @lim;

-- name: DeleteRatingsOf :many
DELETE FROM request.rating t USING request.request r
WHERE r.tenant_id = t.tenant_id AND r.id = t.request_id AND r.person_id = @person RETURNING t.request_id;

-- name: PageRatings :many
SELECT t.id, substring(t.words FROM 1 FOR 6)::bytea AS head
FROM request.request r JOIN request.rating t ON t.tenant_id = r.tenant_id AND t.request_id = r.id
WHERE r.person_id = @person AND t.id > @after AND t.words IS NOT NULL ORDER BY t.id LIMIT @size;

-- name: LockRating :one
SELECT r.person_id, t.words FROM request.rating t JOIN request.request r ON r.tenant_id = t.tenant_id AND r.id = t.request_id
WHERE t.id = $1 FOR UPDATE OF t;
