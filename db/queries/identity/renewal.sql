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

-- name: PageSessions :many
SELECT id, substring(ip FROM 1 FOR 6)::bytea AS ip, coalesce(substring(device FROM 1 FOR 6), '')::bytea AS device FROM identity.session
WHERE account_id = @person AND id > @after ORDER BY id LIMIT @size;

-- name: LockSealedSession :one
SELECT id, account_id, ip, device FROM identity.session WHERE id = $1 FOR UPDATE;

-- name: SetSealedSession :exec
UPDATE identity.session SET ip = @ip, device = @device WHERE id = @id;

-- name: PagePasswords :many
SELECT account_id, substring(hash FROM 1 FOR 6)::bytea AS head FROM identity.password WHERE account_id > @after ORDER BY account_id LIMIT @size;

-- name: LockPassword :one
SELECT hash FROM identity.password WHERE account_id = $1 FOR UPDATE;

-- name: SetPasswordHash :exec
UPDATE identity.password SET hash = @hash WHERE account_id = @account_id;

-- name: PageTOTP :many
SELECT account_id, substring(secret FROM 1 FOR 6)::bytea AS head FROM identity.totp WHERE account_id = @person AND account_id > @after ORDER BY account_id LIMIT @size;

-- name: LockTOTPSecret :one
SELECT secret FROM identity.totp WHERE account_id = $1 FOR UPDATE;

-- name: SetTOTPSecret :exec
UPDATE identity.totp SET secret = @secret WHERE account_id = @account_id;

-- name: PageReasons :many
SELECT id, account_id, substring(reason FROM 1 FOR 6)::bytea AS head FROM identity.emergency WHERE account_id = @person AND id > @after ORDER BY id LIMIT @size;

-- name: LockReason :one
SELECT reason FROM identity.emergency WHERE id = $1 FOR UPDATE;

-- name: SetReason :exec
UPDATE identity.emergency SET reason = @reason WHERE id = @id;

-- name: PageBinds :many
SELECT code, substring(password FROM 1 FOR 6)::bytea AS head FROM identity.directory WHERE code > @after ORDER BY code LIMIT @size;

-- name: LockBind :one
SELECT password FROM identity.directory WHERE code = $1 FOR UPDATE;

-- name: SetBind :exec
UPDATE identity.directory SET password = @password WHERE code = @code;

-- name: PagePasskeys :many
SELECT id, substring(credential FROM 1 FOR 6)::bytea AS credential, substring(name FROM 1 FOR 6)::bytea AS name FROM identity.passkey
WHERE account_id = @person AND id > @after ORDER BY id LIMIT @size;

-- name: LockSealedPasskey :one
SELECT id, account_id, credential, name FROM identity.passkey WHERE id = $1 FOR UPDATE;

-- name: SetSealedPasskey :exec
UPDATE identity.passkey SET credential = @credential, name = @name WHERE id = @id;

-- name: PageInvitations :many
SELECT id, substring(address FROM 1 FOR 6)::bytea AS head FROM identity.delegation WHERE person_id = @person AND address <> '' AND id > @after ORDER BY id LIMIT @size;

-- name: PageInvitationIndexes :many
SELECT id, substring(address_index FROM 1 FOR 8)::bytea AS head FROM identity.delegation WHERE address_index <> '' AND id > @after ORDER BY id LIMIT @size;

-- name: LockInvitation :one
SELECT id, person_id, channel, address, address_index FROM identity.delegation WHERE id = $1 AND address <> '' FOR UPDATE;

-- name: SetInvitation :exec
UPDATE identity.delegation SET address = @address, address_index = @address_index WHERE id = @id;

-- name: PageEntries :many
SELECT directory, entry_index, substring(entry FROM 1 FOR 6)::bytea AS head FROM identity.directory_link
WHERE account_id = @person AND (directory, entry_index) > (@directory::text, @entry_index::bytea) ORDER BY directory, entry_index LIMIT @size;

-- name: PageEntryIndexes :many
SELECT directory, entry_index FROM identity.directory_link
WHERE (directory, entry_index) > (@directory::text, @entry_index::bytea) ORDER BY directory, entry_index LIMIT @size;

-- name: LockEntry :one
SELECT account_id, entry FROM identity.directory_link WHERE directory = @directory AND entry_index = @entry_index FOR UPDATE;

-- name: SetEntry :exec
UPDATE identity.directory_link SET entry = @entry, entry_index = @fresh_index WHERE directory = @directory AND entry_index = @entry_index;

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

-- name: ForgetContacts :exec
DELETE FROM identity.contact WHERE account_id = $1;

-- name: ForgetCodes :exec
DELETE FROM identity.code WHERE account_id = @person OR address_index = ANY(@indexes::bytea[]);

-- name: ForgetFederated :exec
DELETE FROM identity.federated WHERE account_id = $1;

-- name: ForgetEntries :exec
DELETE FROM identity.directory_link WHERE account_id = $1;

-- name: ForgetInvitations :exec
-- What somebody else wrote down of where they are reached stands under that one's key.
UPDATE identity.delegation SET address_index = '', address = CASE WHEN person_id = @person::uuid THEN address ELSE '' END
WHERE person_id = @person OR delegate_id = @person OR address_index = ANY(@indexes::bytea[]);

-- name: ForgetPasswords :exec
DELETE FROM identity.password WHERE account_id = $1;

-- name: ForgetPasskeys :exec
DELETE FROM identity.passkey WHERE account_id = $1;

-- name: ForgetApps :exec
DELETE FROM identity.totp WHERE account_id = $1;

-- name: ForgetRecovery :exec
DELETE FROM identity.recovery_code WHERE account_id = $1;

-- name: ForgetHalves :exec
DELETE FROM identity.half_sign_in WHERE account_id = $1;

-- name: ForgetDevices :exec
DELETE FROM identity.device WHERE account_id = $1;
