-- name: InsertImport :exec
INSERT INTO agency.import (id, agency, kind, state, file_id, imported_by, created_at)
VALUES (@id, @agency, @kind, 'checked', sqlc.narg(file_id), sqlc.narg(imported_by), @created_at);

-- name: GetImport :one
SELECT id, agency, kind, state, file_id, imported_by, created_at, finished_at FROM agency.import WHERE id = @id;

-- name: LockImport :one
SELECT id, agency, kind, state, file_id, imported_by, created_at, finished_at FROM agency.import WHERE id = @id FOR UPDATE;

-- name: ListImports :many
SELECT id, agency, kind, state, file_id, imported_by, created_at, finished_at FROM agency.import
WHERE agency = @agency AND (sqlc.narg('after')::uuid IS NULL OR id < sqlc.narg('after')) ORDER BY id DESC LIMIT @lim;

-- name: SetImport :exec
UPDATE agency.import SET state = @state, file_id = sqlc.narg(file_id), finished_at = sqlc.narg(finished_at) WHERE id = @id;

-- name: InsertImportRow :exec
INSERT INTO agency.import_row (import_id, number, seq, verdict, state, columns, problems, object, account_id)
VALUES (@import_id, @number, @seq, @verdict, @state, @columns, @problems, @object, sqlc.narg(account_id));

-- name: ListImportRows :many
-- By number; of one verdict or one state alone where it is named.
SELECT number, seq, verdict, state, columns, problems, object, account_id, before, after FROM agency.import_row
WHERE import_id = @import_id AND number > @after AND (@verdict::text = '' OR verdict = @verdict) AND (@state::text = '' OR state = @state)
ORDER BY number LIMIT @lim;

-- name: NextImportRow :one
-- The first that waits to be done.
SELECT number, seq, verdict, state, columns, problems, object, account_id, before, after FROM agency.import_row
WHERE import_id = @import_id AND state = 'pending' ORDER BY seq LIMIT 1 FOR UPDATE;

-- name: LastImportRow :one
-- The last that was done.
SELECT number, seq, verdict, state, columns, problems, object, account_id, before, after FROM agency.import_row
WHERE import_id = @import_id AND state = 'done' ORDER BY seq DESC LIMIT 1 FOR UPDATE;

-- name: SetImportRow :exec
UPDATE agency.import_row SET state = @state, problems = @problems, account_id = sqlc.narg(account_id), before = sqlc.narg(before), after = sqlc.narg(after)
WHERE import_id = @import_id AND number = @number;

-- name: CountImportRows :many
SELECT verdict, state, count(*)::bigint AS n FROM agency.import_row WHERE import_id = @import_id GROUP BY verdict, state ORDER BY verdict, state;

-- name: DeleteOffice :exec
DELETE FROM agency.office WHERE agency = @agency AND code = @code;

-- name: DeletePosition :exec
DELETE FROM agency.position WHERE agency = @agency AND code = @code;
