-- name: LockIndex :exec
-- The words of a state are shared by its services: one at a time changes them.
SELECT pg_advisory_xact_lock(hashtextextended(platform.current_tenant()::text || ' catalog index', 0));

-- name: DeleteTokens :exec
DELETE FROM catalog.token WHERE service = @service;

-- name: InsertTokens :exec
INSERT INTO catalog.token (lang, token, service, weight, title)
SELECT unnest(@langs::text[]), unnest(@tokens::text[]), @service, unnest(@weights::smallint[]), unnest(@titles::text[]);

-- name: HideTokens :exec
UPDATE catalog.token SET lang = '~' || lang WHERE service = @service AND lang < '~';

-- name: ShowTokens :exec
UPDATE catalog.token SET lang = substr(lang, 2) WHERE service = @service AND lang >= '~';

-- name: ListMatched :many
-- Which terms, by number, any service has at all.
WITH term AS (
  SELECT unnest(@numbers::integer[]) AS n, unnest(@langs::text[]) AS lang, unnest(@lows::text[]) AS low, unnest(@highs::text[]) AS high
)
SELECT DISTINCT term.n::integer AS n FROM term
WHERE EXISTS (SELECT 1 FROM catalog.token hit WHERE hit.lang = term.lang AND hit.token >= term.low AND hit.token < term.high);

-- name: ListFacets :many
-- What services are narrowed by in a language, each once: every step leaps to the next one in the index.
WITH RECURSIVE facet AS (
  (SELECT t.token FROM catalog.token t WHERE t.lang = @lang AND t.token >= '@' AND t.token < 'A' ORDER BY t.token LIMIT 1)
  UNION ALL
  SELECT (SELECT t.token FROM catalog.token t WHERE t.lang = @lang AND t.token > facet.token AND t.token < 'A' ORDER BY t.token LIMIT 1)
  FROM facet WHERE facet.token IS NOT NULL
)
SELECT facet.token::text AS token FROM facet WHERE facet.token IS NOT NULL;
