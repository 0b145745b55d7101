-- name: LockCode :exec
-- Publishing a service is one at a time, from its first version on, when there is no row to lock yet.
SELECT pg_advisory_xact_lock(hashtextextended(platform.current_tenant()::text || ' catalog ' || @code::text, 0));

-- name: LockService :one
SELECT code, agency, current, status FROM catalog.service WHERE code = @code FOR UPDATE;

-- name: PutService :exec
INSERT INTO catalog.service (code, agency, current, status, reason, name, summary, fee, days, audiences, life_events, published_at, changed_at)
VALUES (@code, @agency, @current, 'published', '', @name, @summary, @fee, @days, @audiences, @life_events, @published_at, @published_at)
ON CONFLICT (tenant_id, code) DO UPDATE SET agency = excluded.agency, current = excluded.current, name = excluded.name,
  summary = excluded.summary, fee = excluded.fee, days = excluded.days, audiences = excluded.audiences,
  life_events = excluded.life_events, published_at = excluded.published_at, changed_at = excluded.changed_at;

-- name: SetServiceStatus :execrows
UPDATE catalog.service SET status = @status, reason = @reason, changed_at = @changed_at WHERE code = @code AND status <> @status;

-- name: GetService :one
SELECT code, agency, current, status, reason, name, summary, fee, days, audiences, life_events, published_at
FROM catalog.service WHERE code = @code;

-- name: ListServices :many
-- Every service by name: walks the index of titles from where the page before ended.
WITH page AS (
  SELECT t.service, t.title FROM catalog.title t
  WHERE t.lang = @lang AND (NOT t.withdrawn OR @withdrawn::boolean) AND (t.title, t.service) > (@after_title::text, @after_code::text)
  ORDER BY t.title, t.service LIMIT @lim
)
SELECT s.code, s.agency, s.current, s.status, s.reason, s.name, s.summary, s.fee, s.days, s.audiences, s.life_events, s.published_at, page.title
FROM page JOIN catalog.service s ON s.code = page.service ORDER BY page.title, page.service;

-- name: SearchServices :many
-- A term is a range of tokens; terms of one number are alternatives. Those below zero narrow: the service must have all @filters of
-- them. Those above zero are words: it must have @least of them, and its score is the sum of each word's best hit, where a whole
-- word counts double. What is narrowed is in the order of the titles where scores are the same; else of the codes: no other table is
-- looked at but for the services of the page. The limit is none for a state; it has each term walk its own stretch of the index.
WITH term AS (
  SELECT unnest(@numbers::integer[]) AS n, unnest(@langs::text[]) AS lang, unnest(@lows::text[]) AS low, unnest(@highs::text[]) AS high
), best AS (
  SELECT hit.service, term.n, MAX(hit.weight * CASE WHEN hit.token = term.low THEN 2 ELSE 1 END) AS weight, MAX(hit.title) AS title
  FROM term CROSS JOIN LATERAL (
    SELECT t.service, t.token, t.weight, t.title FROM catalog.token t
    WHERE t.lang = term.lang AND t.token >= term.low AND t.token < term.high LIMIT 100000
  ) hit
  GROUP BY hit.service, term.n
), found AS (
  SELECT best.service, COALESCE(SUM(best.weight) FILTER (WHERE best.n > 0), 0)::bigint AS score, MAX(best.title)::text AS title
  FROM best GROUP BY best.service
  HAVING count(*) FILTER (WHERE best.n < 0) = @filters::integer AND count(*) FILTER (WHERE best.n > 0) >= @least::integer
), page AS (
  SELECT found.service, found.score, found.title FROM found
  WHERE NOT @paging::boolean OR (-found.score, found.title COLLATE "C", found.service) > (@after_rank::bigint, @after_title::text, @after_code::text)
  ORDER BY -found.score, found.title COLLATE "C", found.service LIMIT @lim
)
SELECT s.code, s.agency, s.current, s.status, s.reason, s.name, s.summary, s.fee, s.days, s.audiences, s.life_events, s.published_at,
  page.score, page.title
FROM page JOIN catalog.service s ON s.code = page.service
ORDER BY -page.score, page.title COLLATE "C", page.service;

-- name: ListUnindexed :many
SELECT code FROM catalog.service WHERE indexed <> @indexed ORDER BY code LIMIT @lim;

-- name: SetIndexed :exec
UPDATE catalog.service SET indexed = @indexed WHERE code = @code;

-- name: ListLatest :many
-- The services on offer, the latest published first.
SELECT code, agency, current, status, reason, name, summary, fee, days, audiences, life_events, published_at
FROM catalog.service WHERE status = 'published' ORDER BY published_at DESC, code LIMIT @lim;

-- name: ListPublished :many
SELECT code, published_at FROM catalog.service WHERE status = 'published' ORDER BY code LIMIT @lim;
