-- name: PutRating :exec
INSERT INTO performance.rating (id, agency, service, stars, good, bad, rated_at, changed_at, changed_by)
VALUES (@id, @agency, @service, @stars, @good, @bad, @rated_at, @changed_at, @changed_by)
ON CONFLICT (tenant_id, id) DO UPDATE SET
  stars = EXCLUDED.stars, good = EXCLUDED.good, bad = EXCLUDED.bad, changed_at = EXCLUDED.changed_at, changed_by = EXCLUDED.changed_by
WHERE (rating.changed_at, rating.changed_by) < (EXCLUDED.changed_at, EXCLUDED.changed_by);

-- name: SummariseRatings :many
SELECT agency, service, count(*) FILTER (WHERE stars = 1) AS one, count(*) FILTER (WHERE stars = 2) AS two,
  count(*) FILTER (WHERE stars = 3) AS three, count(*) FILTER (WHERE stars = 4) AS four, count(*) FILTER (WHERE stars = 5) AS five
FROM performance.rating
WHERE rated_at >= @from_time::timestamptz AND rated_at < @to_time::timestamptz AND (@everywhere::boolean OR agency = ANY (@agencies::text[]))
GROUP BY agency, service ORDER BY service, agency;

-- name: ListRatingSteps :many
SELECT floor(extract(epoch FROM rated_at - @from_time::timestamptz) / @step_seconds::bigint)::int AS step,
  count(*) FILTER (WHERE stars = 1) AS one, count(*) FILTER (WHERE stars = 2) AS two,
  count(*) FILTER (WHERE stars = 3) AS three, count(*) FILTER (WHERE stars = 4) AS four, count(*) FILTER (WHERE stars = 5) AS five
FROM performance.rating
WHERE rated_at >= @from_time AND rated_at < @to_time::timestamptz AND (@everywhere::boolean OR agency = ANY (@agencies::text[]))
  AND (@service::text = '' OR service = @service)
GROUP BY step ORDER BY step;

-- name: CountAspects :many
SELECT s.aspect::text AS aspect, count(*) FILTER (WHERE s.good) AS good, count(*) FILTER (WHERE NOT s.good) AS bad
FROM performance.rating r, LATERAL (SELECT unnest(r.good) AS aspect, true AS good UNION ALL SELECT unnest(r.bad), false) s
WHERE r.rated_at >= @from_time::timestamptz AND r.rated_at < @to_time::timestamptz AND (@everywhere::boolean OR r.agency = ANY (@agencies::text[]))
  AND (@service::text = '' OR r.service = @service)
GROUP BY s.aspect ORDER BY 3 DESC, 2 DESC, 1;

-- name: SumRatings :many
SELECT service, count(*) AS rated, sum(stars)::bigint AS stars FROM performance.rating WHERE rated_at >= @since::timestamptz GROUP BY service ORDER BY service;
