-- name: SetWordingVersion :execrows
UPDATE tenancy.setting SET wording = @version::uuid;

-- name: ListLanguages :many
SELECT code, name, added_at, added_by FROM tenancy.language ORDER BY code;

-- name: InsertLanguage :execrows
INSERT INTO tenancy.language (code, name, added_at, added_by) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;

-- name: DeleteLanguage :execrows
DELETE FROM tenancy.language WHERE code = $1;

-- name: DeleteWordingOf :exec
DELETE FROM tenancy.wording WHERE lang = $1;

-- name: ListWording :many
SELECT lang, key, text FROM tenancy.wording;

-- name: ListWordingOf :many
SELECT key, text, source, changed_at, changed_by FROM tenancy.wording WHERE lang = $1 ORDER BY key;

-- name: PutWording :exec
INSERT INTO tenancy.wording (lang, key, text, source, changed_at, changed_by)
SELECT @lang::text, x.key, x.text::jsonb, x.source::jsonb, @at::timestamptz, sqlc.narg(by)::uuid
FROM (SELECT unnest(@keys::text[]) AS key, unnest(@texts::text[]) AS text, unnest(@sources::text[]) AS source) x
ON CONFLICT (tenant_id, lang, key) DO UPDATE SET text = EXCLUDED.text, source = EXCLUDED.source, changed_at = EXCLUDED.changed_at, changed_by = EXCLUDED.changed_by;

-- name: DeleteWording :exec
DELETE FROM tenancy.wording WHERE lang = $1 AND key = ANY(@keys::text[]);

-- name: InsertAct :exec
INSERT INTO tenancy.wording_act (id, lang, kind, state, begun_at, begun_by, undoes) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: GetAct :one
SELECT id, lang, kind, state, begun_at, begun_by, ended_at, ended_by, undoes FROM tenancy.wording_act WHERE id = $1;

-- name: SetActState :exec
UPDATE tenancy.wording_act SET state = $2, ended_at = $3, ended_by = $4 WHERE id = $1;

-- name: ListActs :many
SELECT id, lang, kind, state, begun_at, begun_by, ended_at, ended_by, undoes FROM tenancy.wording_act
WHERE lang = $1 AND (sqlc.narg(before)::uuid IS NULL OR id < sqlc.narg(before)::uuid)
ORDER BY id DESC LIMIT $2;

-- name: CountChanges :many
SELECT act, outcome, count(*)::integer AS n, min(key)::text AS key FROM tenancy.wording_change WHERE act = ANY(@acts::uuid[]) GROUP BY act, outcome;

-- name: InsertChanges :exec
INSERT INTO tenancy.wording_change (act, number, key, outcome, before, after)
SELECT @act::uuid, x.number, x.key, x.outcome, nullif(x.before, '')::jsonb, nullif(x.after, '')::jsonb
FROM (SELECT unnest(@numbers::integer[]) AS number, unnest(@keys::text[]) AS key, unnest(@outcomes::text[]) AS outcome, unnest(@befores::text[]) AS before, unnest(@afters::text[]) AS after) x;

-- name: DeleteChanges :exec
DELETE FROM tenancy.wording_change WHERE act = $1;

-- name: ListChanges :many
SELECT number, key, outcome, before, after FROM tenancy.wording_change
WHERE act = $1 AND number > @after_number::integer AND (@outcome::text = '' OR outcome = @outcome::text)
ORDER BY number LIMIT $2;

-- name: ListChangesOfKey :many
SELECT a.id, a.lang, a.kind, a.state, a.begun_at, a.begun_by, c.outcome, c.before, c.after
FROM tenancy.wording_change c JOIN tenancy.wording_act a ON a.id = c.act
WHERE c.key = $1 AND a.lang = $2 AND a.state IN ('done', 'undone') AND c.outcome IN ('new', 'changed', 'removed')
ORDER BY a.id DESC LIMIT $3;
