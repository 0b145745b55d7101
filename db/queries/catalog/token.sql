-- name: DeleteTokens :exec
DELETE FROM catalog.token WHERE service = @service;

-- name: InsertTokens :exec
INSERT INTO catalog.token (lang, token, service, weight)
SELECT unnest(@langs::text[]), unnest(@tokens::text[]), @service, unnest(@weights::smallint[]);
