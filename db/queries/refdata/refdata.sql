-- name: GetBoundary :one
SELECT code, parent, level, name, path, position FROM refdata.boundary WHERE code = $1;

-- name: ListBoundaries :many
SELECT code, parent, level, name, path, position FROM refdata.boundary
WHERE (sqlc.arg(level)::text = '' OR level = sqlc.arg(level)) AND (sqlc.arg(parent)::text = '' OR parent = sqlc.arg(parent))
ORDER BY position, code;

-- name: ListBoundariesOf :many
SELECT code, parent, level, name, path, position FROM refdata.boundary WHERE code = ANY (sqlc.arg(codes)::text[]) ORDER BY position, code;

-- name: ListBoundariesIn :many
SELECT b.code, b.name, coalesce(p.name, '{}') AS parent_name, cardinality(b.path)::int AS depth
FROM refdata.boundary b LEFT JOIN refdata.boundary p ON p.tenant_id = b.tenant_id AND p.code = b.parent
WHERE b.level = sqlc.arg(level) AND (sqlc.arg(within)::text = '' OR sqlc.arg(within) = ANY (b.path))
ORDER BY b.position, b.code;

-- name: ListAround :many
-- The places of the codes and all around them.
SELECT b.code, b.parent, b.level, b.name, b.path, b.position FROM refdata.boundary b
WHERE b.code IN (SELECT unnest(p.path) FROM refdata.boundary p WHERE p.code = ANY (sqlc.arg(codes)::text[]))
ORDER BY b.position, b.code;

-- name: PutBoundaries :exec
INSERT INTO refdata.boundary (code, parent, level, name, path, position)
SELECT b.code, b.parent, b.level, b.name, string_to_array(b.path, '/'), b.position
FROM (SELECT unnest(sqlc.arg(codes)::text[]) AS code, unnest(sqlc.arg(parents)::text[]) AS parent, unnest(sqlc.arg(levels)::text[]) AS level,
  unnest(sqlc.arg(names)::jsonb[]) AS name, unnest(sqlc.arg(paths)::text[]) AS path, unnest(sqlc.arg(positions)::int[]) AS position) b
ON CONFLICT (tenant_id, code) DO UPDATE SET parent = excluded.parent, level = excluded.level, name = excluded.name, path = excluded.path, position = excluded.position;

-- name: ListCodes :many
SELECT code, name, position, active, attributes FROM refdata.code WHERE list = $1 ORDER BY position, code;

-- name: ListCodeLists :many
SELECT code, name FROM refdata.code_list ORDER BY code;

-- name: PutCodeList :exec
INSERT INTO refdata.code_list (code, name) VALUES ($1, $2) ON CONFLICT (tenant_id, code) DO UPDATE SET name = excluded.name;

-- name: RetireCodes :exec
UPDATE refdata.code SET active = false WHERE list = sqlc.arg(list) AND code <> ALL (sqlc.arg(kept)::text[]);

-- name: PutCodes :exec
INSERT INTO refdata.code (list, code, name, position, active, attributes)
SELECT sqlc.arg(list), c.code, c.name, c.position, true, c.attributes
FROM (SELECT unnest(sqlc.arg(codes)::text[]) AS code, unnest(sqlc.arg(names)::jsonb[]) AS name, unnest(sqlc.arg(positions)::int[]) AS position,
  unnest(sqlc.arg(attributes)::jsonb[]) AS attributes) c
ON CONFLICT (tenant_id, list, code) DO UPDATE SET name = excluded.name, position = excluded.position, active = true, attributes = excluded.attributes;

-- name: NextNumber :one
INSERT INTO refdata.counter AS c (format, year, last) VALUES ($1, $2, 1)
ON CONFLICT (tenant_id, format, year) DO UPDATE SET last = c.last + 1 RETURNING last;

-- name: GetFormat :one
SELECT pattern FROM refdata.number_format WHERE code = $1;

-- name: PutFormat :exec
INSERT INTO refdata.number_format (code, pattern) VALUES ($1, $2) ON CONFLICT (tenant_id, code) DO UPDATE SET pattern = excluded.pattern;
