-- name: DeleteMeasures :exec
DELETE FROM catalog.measure WHERE service <> ALL (@services::text[]);

-- name: PutMeasures :exec
-- What is no longer in the catalogue is left out.
INSERT INTO catalog.measure (service, received, decided, median_seconds, most_seconds, rated, stars, measured_at)
SELECT m.service, m.received, m.decided, m.median, m.most, m.rated, m.stars, @measured_at
FROM (SELECT unnest(@services::text[]) AS service, unnest(@received::bigint[]) AS received, unnest(@decided::bigint[]) AS decided,
  unnest(@medians::bigint[]) AS median, unnest(@mosts::bigint[]) AS most,
  unnest(@rated::bigint[]) AS rated, unnest(@stars::bigint[]) AS stars) m
JOIN catalog.service s ON s.code = m.service
ON CONFLICT (tenant_id, service) DO UPDATE SET received = excluded.received, decided = excluded.decided,
  median_seconds = excluded.median_seconds, most_seconds = excluded.most_seconds,
  rated = excluded.rated, stars = excluded.stars, measured_at = excluded.measured_at;

-- name: GetMeasure :one
SELECT received, decided, median_seconds, most_seconds, rated, stars FROM catalog.measure WHERE service = @service;

-- name: ListPopular :many
SELECT m.service FROM catalog.measure m JOIN catalog.service s ON s.code = m.service
WHERE s.status = 'published' ORDER BY m.received DESC, m.service DESC LIMIT @lim;
