-- name: PutCode :exec
INSERT INTO refdata.code (list, code, name, position, active, attributes)
VALUES (sqlc.arg(list), sqlc.arg(code), sqlc.arg(name), sqlc.arg(position), sqlc.arg(active), sqlc.arg(attributes))
ON CONFLICT (tenant_id, list, code) DO UPDATE SET name = excluded.name, position = excluded.position, active = excluded.active, attributes = excluded.attributes;

-- name: DropCode :execrows
DELETE FROM refdata.code WHERE list = sqlc.arg(list) AND code = sqlc.arg(code);

-- name: LockCodeList :one
SELECT code, name FROM refdata.code_list WHERE code = sqlc.arg(code) FOR UPDATE;

-- name: CountCodes :many
SELECT list, count(*) FILTER (WHERE active) AS active, count(*) AS count FROM refdata.code GROUP BY list;

-- name: SetBoundaryActive :execrows
UPDATE refdata.boundary SET active = sqlc.arg(active) WHERE code = sqlc.arg(code);

-- name: ListFormats :many
SELECT code, pattern FROM refdata.number_format ORDER BY code;

-- name: ListCounters :many
SELECT format, year, last FROM refdata.counter ORDER BY format, year;

-- name: SkipTo :execrows
-- Only forwards: a number that was given out is never given again.
INSERT INTO refdata.counter AS c (format, year, last) VALUES (sqlc.arg(format), sqlc.arg(year), sqlc.arg(last))
ON CONFLICT (tenant_id, format, year) DO UPDATE SET last = excluded.last WHERE c.last < excluded.last;
