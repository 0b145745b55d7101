-- name: InsertVersion :exec
INSERT INTO catalog.version (service, version, pack, hash, published_at, published_by)
VALUES (@service, @version, @pack, @hash, @published_at, @published_by);

-- name: GetVersionHash :one
SELECT v.version, v.hash FROM catalog.version v
WHERE v.service = @service
  AND v.version = CASE WHEN @version::integer > 0 THEN @version::integer
                       ELSE (SELECT s.current FROM catalog.service s WHERE s.code = @service) END;

-- name: GetVersionPack :one
SELECT pack FROM catalog.version WHERE service = @service AND version = @version;

-- name: ListVersions :many
SELECT service, version, hash, published_at, published_by FROM catalog.version WHERE service = @service ORDER BY version DESC;

-- name: ListVersionHashes :many
-- GetVersionHash, of many services at once.
SELECT r.code::text AS code, r.asked::integer AS asked, v.version, v.hash
FROM (SELECT unnest(@codes::text[]) AS code, unnest(@versions::integer[]) AS asked) r
JOIN catalog.version v ON v.service = r.code
  AND v.version = CASE WHEN r.asked > 0 THEN r.asked ELSE (SELECT s.current FROM catalog.service s WHERE s.code = r.code) END;
