-- name: InsertWords :many
-- Returns the words that are new: only they need spellings.
INSERT INTO catalog.word (token, shown)
SELECT unnest(@tokens::text[]), unnest(@showns::text[])
ON CONFLICT DO NOTHING RETURNING token;

-- name: InsertSpellings :exec
INSERT INTO catalog.spelling (key, token)
SELECT unnest(@keys::text[]), unnest(@tokens::text[]) ON CONFLICT DO NOTHING;

-- name: DeleteWords :exec
-- Words that no service has any more; their spellings go with them.
DELETE FROM catalog.word w WHERE w.token = ANY (@tokens::text[])
  AND NOT EXISTS (SELECT 1 FROM catalog.token t WHERE t.token = w.token AND t.lang = ANY (@langs::text[]));

-- name: ListTokens :many
SELECT DISTINCT lang, token FROM catalog.token WHERE service = @service;

-- name: ListSpelt :many
-- Words that share a key with a misspelt one and that a service has in the language. The keys are looked up first: few words have them.
WITH near AS MATERIALIZED (SELECT DISTINCT s.token FROM catalog.spelling s WHERE s.key = ANY (@keys::text[]))
SELECT w.token, w.shown FROM near JOIN catalog.word w ON w.token = near.token
WHERE EXISTS (SELECT 1 FROM catalog.token t WHERE t.lang = @lang AND t.token = near.token)
ORDER BY w.token LIMIT @lim;
