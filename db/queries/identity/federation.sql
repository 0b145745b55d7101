-- name: ListProviders :many
SELECT code, name, issuer, client_id, client_secret, authorize_url, token_url, keys_url, scopes, people, staff, staff_by_email, enabled, discovery,
  userinfo_url, end_session_url, token_auth, iss_required, acr, levels, trust_email, create_people, create_staff, checked_at, problem
FROM identity.provider ORDER BY code;

-- name: GetProvider :one
SELECT code, name, issuer, client_id, client_secret, authorize_url, token_url, keys_url, scopes, people, staff, staff_by_email, enabled, discovery,
  userinfo_url, end_session_url, token_auth, iss_required, acr, levels, trust_email, create_people, create_staff, checked_at, problem
FROM identity.provider WHERE code = $1;

-- name: PutProvider :exec
INSERT INTO identity.provider (code, name, issuer, client_id, client_secret, authorize_url, token_url, keys_url, scopes, people, staff, staff_by_email, enabled, changed_at,
  discovery, userinfo_url, end_session_url, token_auth, iss_required, acr, levels, trust_email, create_people, create_staff)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
ON CONFLICT (tenant_id, code) DO UPDATE SET name = EXCLUDED.name, issuer = EXCLUDED.issuer, client_id = EXCLUDED.client_id, client_secret = EXCLUDED.client_secret,
  authorize_url = EXCLUDED.authorize_url, token_url = EXCLUDED.token_url, keys_url = EXCLUDED.keys_url, scopes = EXCLUDED.scopes, people = EXCLUDED.people,
  staff = EXCLUDED.staff, staff_by_email = EXCLUDED.staff_by_email, enabled = EXCLUDED.enabled, changed_at = EXCLUDED.changed_at, discovery = EXCLUDED.discovery,
  userinfo_url = EXCLUDED.userinfo_url, end_session_url = EXCLUDED.end_session_url, token_auth = EXCLUDED.token_auth, iss_required = EXCLUDED.iss_required,
  acr = EXCLUDED.acr, levels = EXCLUDED.levels, trust_email = EXCLUDED.trust_email, create_people = EXCLUDED.create_people, create_staff = EXCLUDED.create_staff;

-- name: SetProviderEnabled :execrows
UPDATE identity.provider SET enabled = @enabled, changed_at = @changed_at WHERE code = @code;

-- name: SetProviderEndpoints :exec
UPDATE identity.provider SET authorize_url = @authorize_url, token_url = @token_url, keys_url = @keys_url, userinfo_url = @userinfo_url,
  end_session_url = @end_session_url, token_auth = @token_auth, iss_required = @iss_required
WHERE code = @code AND issuer = @issuer AND discovery;

-- name: SetProviderChecked :exec
UPDATE identity.provider SET checked_at = @checked_at, problem = @problem WHERE code = @code;

-- name: DeleteProvider :execrows
DELETE FROM identity.provider WHERE code = $1;

-- name: InsertState :exec
INSERT INTO identity.federation_state (id, state_hash, provider, staff, callback, nonce, verifier, asked_at, expires_at, account_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: GetState :one
SELECT id, provider, staff, callback, nonce, verifier, expires_at, account_id FROM identity.federation_state WHERE state_hash = $1;

-- name: TakeState :one
DELETE FROM identity.federation_state WHERE state_hash = $1 RETURNING id, provider, staff, expires_at, account_id;

-- name: DeleteStates :exec
DELETE FROM identity.federation_state WHERE provider = $1;

-- name: DeleteOldStates :execrows
DELETE FROM identity.federation_state WHERE expires_at < @before;

-- name: FindFederated :one
SELECT f.account_id, f.subject_index, (f.subject IS NOT NULL)::boolean AS renewable, a.status FROM identity.federated f
JOIN identity.account a ON a.tenant_id = f.tenant_id AND a.id = f.account_id
WHERE f.provider = @provider AND f.kind = @kind AND f.subject_index = ANY(@indexes::bytea[]);

-- name: InsertFederated :exec
INSERT INTO identity.federated (provider, kind, subject_index, subject, account_id, linked_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING;

-- name: UseFederated :exec
UPDATE identity.federated SET used_at = @used_at WHERE provider = @provider AND kind = @kind AND subject_index = @subject_index;

-- name: ListSubjectAccounts :many
SELECT account_id FROM identity.federated WHERE provider = @provider AND subject_index = ANY(@indexes::bytea[]);

-- name: ListFederated :many
SELECT provider, linked_at, used_at FROM identity.federated WHERE account_id = $1 ORDER BY provider;

-- name: DeleteFederated :execrows
DELETE FROM identity.federated WHERE account_id = @account_id AND provider = @provider;

-- name: DeleteFederatedAll :execrows
DELETE FROM identity.federated WHERE provider = $1;

-- name: CountFederated :one
SELECT count(DISTINCT f.account_id)::bigint AS accounts,
  (count(DISTINCT f.account_id) FILTER (WHERE NOT EXISTS (SELECT FROM identity.contact c WHERE c.account_id = f.account_id AND c.verified_at IS NOT NULL)))::bigint AS stranded
FROM identity.federated f WHERE f.provider = $1;

-- name: CountWaysIn :one
SELECT (SELECT count(*) FROM identity.contact c WHERE c.account_id = @account_id AND (c.verified_at IS NOT NULL OR c.kind = 'staff'))::bigint AS contacts,
  ((SELECT count(*) FROM identity.federated f JOIN identity.provider p ON p.tenant_id = f.tenant_id AND p.code = f.provider
     WHERE f.account_id = @account_id AND p.enabled AND f.provider <> @besides::text)
  + (SELECT count(*) FROM identity.directory_link l JOIN identity.directory d ON d.tenant_id = l.tenant_id AND d.code = l.directory
     WHERE l.account_id = @account_id AND d.enabled))::bigint AS links;

-- name: InsertFederatedSession :exec
INSERT INTO identity.federated_session (session_id, source, sid_hash, acr, level, auth_at) VALUES ($1, $2, $3, $4, $5, $6);

-- name: GetFederatedSession :one
SELECT source, acr, level, auth_at FROM identity.federated_session WHERE session_id = $1;

-- name: ListFederatedSessions :many
SELECT f.session_id, s.account_id FROM identity.federated_session f
JOIN identity.session s ON s.tenant_id = f.tenant_id AND s.id = f.session_id
WHERE f.source = @source AND (sqlc.narg('sid')::bytea IS NULL OR f.sid_hash = sqlc.narg('sid'))
  AND (cardinality(@accounts::uuid[]) = 0 OR s.account_id = ANY(@accounts::uuid[]));

-- name: CountFederatedSessions :one
SELECT count(*)::bigint FROM identity.federated_session WHERE source = $1;

-- name: InsertLogoutToken :execrows
INSERT INTO identity.logout_token (provider, token_index, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- name: DeleteOldLogoutTokens :execrows
DELETE FROM identity.logout_token WHERE expires_at < @before;

-- name: DeleteSessionsAt :execrows
DELETE FROM identity.session s WHERE s.id IN (SELECT f.session_id FROM identity.federated_session f WHERE f.source = $1);

-- name: DeleteAccountSessionsAt :execrows
DELETE FROM identity.session s WHERE s.account_id = @account_id AND s.id <> @keep
  AND s.id IN (SELECT f.session_id FROM identity.federated_session f WHERE f.source = @source);
