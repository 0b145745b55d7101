-- Pages of what is sealed or indexed, without what is in it: the first six bytes of a sealed value and the first eight of an
-- index tell by which key it was made.

-- name: PageAccountNames :many
SELECT id, substring(name FROM 1 FOR 6)::bytea AS head FROM identity.account WHERE id = @person AND id > @after ORDER BY id LIMIT @size;

-- name: LockAccountName :one
SELECT id, kind, name FROM identity.account WHERE id = $1 FOR UPDATE;

-- name: PageContactAddresses :many
SELECT id, substring(address FROM 1 FOR 6)::bytea AS head FROM identity.contact WHERE account_id = @person AND id > @after ORDER BY id LIMIT @size;

-- name: PageContactIndexes :many
SELECT id, substring(address_index FROM 1 FOR 8)::bytea AS head FROM identity.contact WHERE id > @after ORDER BY id LIMIT @size;

-- name: LockContact :one
SELECT id, account_id, channel, address FROM identity.contact WHERE id = $1 FOR UPDATE;

-- name: SetContactAddress :exec
UPDATE identity.contact SET address = $2 WHERE id = $1;

-- name: SetContactIndex :exec
UPDATE identity.contact SET address_index = $2 WHERE id = $1;

-- name: PageNameTokens :many
SELECT DISTINCT ON (account_id) account_id, substring(token FROM 1 FOR 8)::bytea AS head FROM identity.name_token
WHERE account_id > @after ORDER BY account_id, token LIMIT @size;

-- name: PageCodeAddresses :many
SELECT id, substring(address FROM 1 FOR 6)::bytea AS head FROM identity.code WHERE id > @after ORDER BY id LIMIT @size;

-- name: SetCodeAddress :exec
UPDATE identity.code SET address = $2 WHERE id = $1;

-- name: PageSessionIPs :many
SELECT id, substring(ip FROM 1 FOR 6)::bytea AS head FROM identity.session WHERE account_id = @person AND id > @after ORDER BY id LIMIT @size;

-- name: LockSessionIP :one
SELECT id, account_id, ip FROM identity.session WHERE id = $1 FOR UPDATE;

-- name: SetSessionIP :exec
UPDATE identity.session SET ip = $2 WHERE id = $1;

-- name: PageProviderSecrets :many
SELECT code, substring(client_secret FROM 1 FOR 6)::bytea AS head FROM identity.provider WHERE code > @after ORDER BY code LIMIT @size;

-- name: LockProviderSecret :one
SELECT client_secret FROM identity.provider WHERE code = $1 FOR UPDATE;

-- name: SetProviderSecret :exec
UPDATE identity.provider SET client_secret = $2 WHERE code = $1;

-- name: PageVerifiers :many
SELECT id, substring(verifier FROM 1 FOR 6)::bytea AS head FROM identity.federation_state WHERE id > @after ORDER BY id LIMIT @size;

-- name: LockVerifier :one
SELECT verifier FROM identity.federation_state WHERE id = $1 FOR UPDATE;

-- name: SetVerifier :exec
UPDATE identity.federation_state SET verifier = $2 WHERE id = $1;

-- name: PageSubjects :many
SELECT provider, kind, subject_index, substring(subject FROM 1 FOR 6)::bytea AS head FROM identity.federated
WHERE account_id = @person AND (provider, kind, subject_index) > (@provider::text, @kind::text, @subject_index::bytea) ORDER BY provider, kind, subject_index LIMIT @size;

-- name: PageSubjectIndexes :many
SELECT provider, kind, subject_index FROM identity.federated
WHERE (provider, kind, subject_index) > (@provider::text, @kind::text, @subject_index::bytea) ORDER BY provider, kind, subject_index LIMIT @size;

-- name: LockFederated :one
SELECT account_id, subject FROM identity.federated WHERE provider = $1 AND kind = $2 AND subject_index = $3 FOR UPDATE;

-- name: SetSubject :exec
UPDATE identity.federated SET subject = @subject, subject_index = @fresh_index WHERE provider = @provider AND kind = @kind AND subject_index = @subject_index;

-- name: ForgetNameTokens :exec
DELETE FROM identity.name_token WHERE account_id = $1;

-- name: ForgetContacts :many
DELETE FROM identity.contact WHERE account_id = $1 RETURNING address_index;

-- name: ForgetCodes :exec
DELETE FROM identity.code WHERE address_index = ANY(@indexes::bytea[]);

-- name: ForgetFederated :exec
DELETE FROM identity.federated WHERE account_id = $1;
