-- name: ListProviders :many
SELECT code, name, agency, endpoint, jwks_url, state, created_at, updated_at, fetched_at, tested_at, test, problem, detail
FROM exchange.provider ORDER BY code;

-- name: GetProvider :one
SELECT code, name, agency, endpoint, jwks_url, state, created_at, updated_at, fetched_at, tested_at, test, problem, detail
FROM exchange.provider WHERE code = @code;

-- name: InsertProvider :execrows
INSERT INTO exchange.provider (code, name, agency, endpoint, jwks_url, created_at, updated_at)
VALUES (@code, @name, @agency, @endpoint, @jwks_url, @at, @at) ON CONFLICT DO NOTHING;

-- name: ChangeProvider :exec
UPDATE exchange.provider SET name = @name, endpoint = @endpoint, jwks_url = @jwks_url, updated_at = @at WHERE code = @code;

-- name: SetProviderState :execrows
UPDATE exchange.provider SET state = @state, updated_at = @at WHERE code = @code AND state <> @state;

-- name: SetProviderTest :exec
UPDATE exchange.provider SET test = @test, tested_at = @at, problem = @problem, detail = @detail WHERE code = @code;

-- name: SetProviderFetched :exec
UPDATE exchange.provider SET fetched_at = @at WHERE code = @code;

-- name: ListProviderKeys :many
SELECT kid, jwk, fetched, added_at, until FROM exchange.provider_key WHERE provider = @provider ORDER BY added_at, kid;

-- name: PutProviderKey :exec
INSERT INTO exchange.provider_key (provider, kid, jwk, fetched, added_at) VALUES (@provider, @kid, @jwk, @fetched, @at)
ON CONFLICT (tenant_id, provider, kid) DO UPDATE SET until = NULL, fetched = excluded.fetched;

-- name: EndProviderKeys :exec
-- Lets the keys that are there end, but for those that end earlier.
UPDATE exchange.provider_key SET until = @until
WHERE provider = @provider AND NOT fetched AND kid <> ALL (sqlc.arg(kept)::text[]) AND (until IS NULL OR until > @until);

-- name: DropFetchedKeys :exec
DELETE FROM exchange.provider_key WHERE provider = @provider AND fetched AND kid <> ALL (sqlc.arg(kept)::text[]);

-- name: DropProviderKey :execrows
DELETE FROM exchange.provider_key WHERE provider = @provider AND kid = @kid;

-- name: LeaveRoutes :exec
UPDATE exchange.route SET provider = '', updated_at = @at WHERE provider = @provider AND service <> ALL (sqlc.arg(kept)::text[]);

-- name: TakeRoutes :execrows
UPDATE exchange.route SET provider = @provider, updated_at = @at
WHERE service = ANY (sqlc.arg(services)::text[]) AND agency = @agency AND provider IN ('', @provider);

-- name: SentTo :one
SELECT EXISTS (SELECT FROM exchange.message WHERE request_id = @request_id AND direction = 'request' AND provider = @provider) AS sent;

-- name: NoteAttempt :exec
UPDATE exchange.message SET attempts = attempts + 1, problem = @problem WHERE id = @id;

-- name: NoteProvider :exec
UPDATE exchange.message SET provider = @provider WHERE id = @id;

-- name: Requeue :execrows
UPDATE exchange.message SET status = 'queued', failure = NULL WHERE id = @id AND status = 'failed';

-- name: ListWaiting :many
-- What waits for a provider: the first of each request's messages.
SELECT DISTINCT ON (m.request_id) m.id
FROM exchange.message m
WHERE m.status = 'queued' AND m.direction = 'request' AND m.service IN (SELECT r.service FROM exchange.route r WHERE r.provider = @provider)
ORDER BY m.request_id, m.seq;

-- name: CountByProvider :many
SELECT provider, status, count(*) AS count FROM exchange.message WHERE provider <> '' GROUP BY provider, status;
