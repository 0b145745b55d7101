-- name: DeleteTitles :exec
DELETE FROM catalog.title WHERE service = @service;

-- name: InsertTitles :exec
INSERT INTO catalog.title (lang, service, title, withdrawn)
SELECT unnest(@langs::text[]), @service, unnest(@titles::text[]), @withdrawn;

-- name: SetWithdrawn :exec
UPDATE catalog.title SET withdrawn = @withdrawn WHERE service = @service;
