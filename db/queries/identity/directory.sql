-- name: ListDirectories :many
SELECT code, name, url, start_tls, authority, plain, bind_dn, password, base, filter, login_attributes, id_attribute, name_attribute, email_attribute,
  phone_attribute, groups_attribute, disabled_when, level, create_staff, staff_by_email, enabled
FROM identity.directory ORDER BY code;

-- name: GetDirectory :one
SELECT code, name, url, start_tls, authority, plain, bind_dn, password, base, filter, login_attributes, id_attribute, name_attribute, email_attribute,
  phone_attribute, groups_attribute, disabled_when, level, create_staff, staff_by_email, enabled
FROM identity.directory WHERE code = $1;

-- name: PutDirectory :exec
INSERT INTO identity.directory (code, name, url, start_tls, authority, plain, bind_dn, password, base, filter, login_attributes, id_attribute, name_attribute,
  email_attribute, phone_attribute, groups_attribute, disabled_when, level, create_staff, staff_by_email, enabled, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
ON CONFLICT (tenant_id, code) DO UPDATE SET name = EXCLUDED.name, url = EXCLUDED.url, start_tls = EXCLUDED.start_tls, authority = EXCLUDED.authority,
  plain = EXCLUDED.plain, bind_dn = EXCLUDED.bind_dn, password = EXCLUDED.password, base = EXCLUDED.base, filter = EXCLUDED.filter,
  login_attributes = EXCLUDED.login_attributes, id_attribute = EXCLUDED.id_attribute, name_attribute = EXCLUDED.name_attribute,
  email_attribute = EXCLUDED.email_attribute, phone_attribute = EXCLUDED.phone_attribute, groups_attribute = EXCLUDED.groups_attribute,
  disabled_when = EXCLUDED.disabled_when, level = EXCLUDED.level, create_staff = EXCLUDED.create_staff, staff_by_email = EXCLUDED.staff_by_email,
  enabled = EXCLUDED.enabled, changed_at = EXCLUDED.changed_at;

-- name: SetDirectoryEnabled :execrows
UPDATE identity.directory SET enabled = @enabled, changed_at = @changed_at WHERE code = @code;

-- name: DeleteDirectory :execrows
DELETE FROM identity.directory WHERE code = $1;

-- name: FindDirectoryLink :one
SELECT l.account_id, l.entry_index, a.status, a.suspended_by FROM identity.directory_link l
JOIN identity.account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
WHERE l.directory = $1 AND l.entry_index = ANY(@indexes::bytea[]);

-- name: InsertDirectoryLink :exec
INSERT INTO identity.directory_link (directory, entry_index, entry, account_id, linked_at, used_at) VALUES ($1, $2, $3, $4, $5, $6);

-- name: UseDirectoryLink :exec
UPDATE identity.directory_link SET used_at = @used_at WHERE directory = @directory AND entry_index = @entry_index;

-- name: ListDirectoryLinks :many
SELECT directory, linked_at, used_at FROM identity.directory_link WHERE account_id = $1 ORDER BY directory;

-- name: DeleteDirectoryLinks :exec
DELETE FROM identity.directory_link WHERE directory = $1;

-- name: CountDirectoryLinks :one
SELECT count(*)::bigint AS accounts,
  (count(*) FILTER (WHERE NOT EXISTS (SELECT FROM identity.contact c WHERE c.account_id = l.account_id)))::bigint AS stranded,
  (count(*) FILTER (WHERE EXISTS (SELECT FROM identity.account a WHERE a.id = l.account_id AND a.suspended_by = 'directory:' || l.directory)))::bigint AS suspended
FROM identity.directory_link l WHERE l.directory = $1;

-- name: ListSuspendedBy :many
SELECT id FROM identity.account WHERE suspended_by = $1 ORDER BY id;

-- name: SetSuspendedBy :execrows
UPDATE identity.account SET status = @status, suspended_by = @suspended_by WHERE id = @id;

-- name: InsertDirectoryTry :exec
INSERT INTO identity.directory_try (id, login_index, ip_index, tried_at) VALUES ($1, $2, $3, $4);

-- name: DeleteDirectoryTries :exec
DELETE FROM identity.directory_try WHERE login_index = $1;

-- name: CountDirectoryTries :one
SELECT
  (SELECT count(*) FROM identity.directory_try a WHERE a.login_index = @login_index AND a.tried_at > @since::timestamptz)::bigint AS by_login,
  (SELECT count(*) FROM identity.directory_try b WHERE b.ip_index = @ip_index AND b.tried_at > @since::timestamptz)::bigint AS by_ip;

-- name: DeleteOldDirectoryTries :execrows
DELETE FROM identity.directory_try WHERE tried_at < @before;

-- name: ReleaseSuspended :execrows
UPDATE identity.account SET suspended_by = '' WHERE suspended_by = $1;
