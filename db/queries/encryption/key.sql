-- name: GetTenantKey :one
SELECT wrapped, root_id, bare_key, (created_at < transaction_timestamp())::boolean AS settled
FROM encryption.tenant_key WHERE purpose = $1;

-- name: InsertTenantKey :execrows
INSERT INTO encryption.tenant_key (purpose, wrapped, root_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- name: LockTenantKey :one
SELECT wrapped, root_id, bare_key, created_at FROM encryption.tenant_key WHERE purpose = $1 FOR UPDATE;

-- name: SetTenantKey :exec
UPDATE encryption.tenant_key SET wrapped = $2, root_id = $3, bare_key = $4, created_at = clock_timestamp() WHERE purpose = $1;

-- name: ListTenantKeys :many
SELECT purpose, wrapped, root_id, created_at FROM encryption.tenant_key ORDER BY purpose;

-- name: CountTenantKeys :one
SELECT count(*) AS total, count(*) FILTER (WHERE root_id IS DISTINCT FROM @root_id::text) AS other FROM encryption.tenant_key;

-- name: GetPersonKey :one
SELECT wrapped, (created_at < transaction_timestamp())::boolean AS settled
FROM encryption.person_key WHERE person_id = $1;

-- name: ListPersonKeys :many
SELECT person_id, wrapped, (created_at < transaction_timestamp())::boolean AS settled
FROM encryption.person_key WHERE person_id = ANY(@people::uuid[]);

-- name: InsertPersonKey :exec
INSERT INTO encryption.person_key (person_id, wrapped, wrapped_by) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- name: LockPersonKey :one
SELECT wrapped, created_at FROM encryption.person_key WHERE person_id = $1 FOR UPDATE;

-- name: SetPersonKey :exec
UPDATE encryption.person_key SET wrapped = $2, wrapped_by = $3, created_at = clock_timestamp() WHERE person_id = $1;

-- name: SetPersonRotated :exec
UPDATE encryption.person_key SET rotated_at = $2 WHERE person_id = $1;

-- name: PagePersonKeys :many
SELECT person_id, wrapped_by FROM encryption.person_key
WHERE wrapped IS NOT NULL AND person_id > @after ORDER BY person_id LIMIT @size;

-- name: CountPersonKeys :one
SELECT count(*) FILTER (WHERE wrapped IS NOT NULL) AS living, count(*) FILTER (WHERE wrapped IS NULL) AS forgotten FROM encryption.person_key;

-- name: PersonKeyStatus :one
SELECT created_at, rotated_at, forgotten_at FROM encryption.person_key WHERE person_id = $1;

-- name: ForgetPersonKey :execrows
INSERT INTO encryption.person_key (person_id, wrapped, forgotten_at) VALUES (@person_id, NULL, clock_timestamp())
ON CONFLICT (tenant_id, person_id) DO UPDATE SET wrapped = NULL, wrapped_by = NULL, forgotten_at = clock_timestamp()
WHERE person_key.forgotten_at IS NULL;

-- name: InsertKeyVersion :exec
INSERT INTO encryption.key_version (purpose, key_id, state, created_at, active_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING;

-- name: SetKeyVersion :exec
UPDATE encryption.key_version SET state = @state::text,
  active_at = CASE WHEN @state::text = 'active' THEN @at::timestamptz ELSE active_at END,
  retired_at = CASE WHEN @state::text = 'retired' THEN @at::timestamptz ELSE retired_at END,
  disabled_at = CASE WHEN @state::text = 'disabled' THEN @at::timestamptz WHEN @state::text = 'retired' THEN NULL ELSE disabled_at END,
  destroyed_at = CASE WHEN @state::text = 'destroyed' THEN @at::timestamptz ELSE destroyed_at END
WHERE purpose = @purpose AND key_id = @key_id AND state <> 'destroyed';

-- name: ListKeyVersions :many
SELECT purpose, key_id, state, created_at, active_at, retired_at, disabled_at, destroyed_at
FROM encryption.key_version ORDER BY purpose, created_at DESC, key_id;
