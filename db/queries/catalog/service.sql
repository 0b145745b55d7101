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

-- name: SearchServices :many
-- Every word must begin some token of the service; the score is the sum of each word's best hit. Without words every
-- service matches with score 0.
WITH word AS (
  SELECT generate_subscripts(@lows::text[], 1) AS n, unnest(@lows::text[]) AS low, unnest(@highs::text[]) AS high
), best AS (
  SELECT t.service, word.n, MAX(t.weight) AS weight
  FROM word JOIN catalog.token t ON t.lang = @lang AND t.token >= word.low AND t.token < word.high
  GROUP BY t.service, word.n
), found AS (
  SELECT best.service, SUM(best.weight)::bigint AS score
  FROM best GROUP BY best.service HAVING count(*) = cardinality(@lows::text[])
), scored AS (
  SELECT s.code, COALESCE(found.score, 0)::bigint AS score, COALESCE(NULLIF(s.name ->> @lang::text, ''), s.code)::text AS title
  FROM catalog.service s LEFT JOIN found ON found.service = s.code
  WHERE (found.service IS NOT NULL OR cardinality(@lows::text[]) = 0)
    AND (s.status = 'published' OR @withdrawn::boolean)
    AND (@agency::text = '' OR s.agency = @agency)
    AND (@audience::text = '' OR @audience = ANY (s.audiences))
    AND (@life_event::text = '' OR @life_event = ANY (s.life_events))
)
SELECT s.code, s.agency, s.current, s.status, s.reason, s.name, s.summary, s.fee, s.days, s.audiences, s.life_events,
  s.published_at, scored.score, scored.title
FROM scored JOIN catalog.service s ON s.code = scored.code
WHERE NOT @paging::boolean OR (-scored.score, scored.title, scored.code) > (@after_rank::bigint, @after_title::text, @after_code::text)
ORDER BY -scored.score, scored.title, scored.code
LIMIT @lim;
