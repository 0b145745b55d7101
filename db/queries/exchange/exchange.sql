-- name: GetRoute :one
SELECT service, agency, endpoint, key_id, key, provider, updated_at
FROM exchange.route
WHERE service = @service;

-- name: ListRoutes :many
SELECT service, agency, endpoint, key_id, key, provider, updated_at
FROM exchange.route
ORDER BY service;

-- name: PutRoute :exec
INSERT INTO exchange.route (service, agency, endpoint, key_id, key, updated_at)
VALUES (@service, @agency, @endpoint, @key_id, @key, @updated_at)
ON CONFLICT (tenant_id, service) DO UPDATE
SET provider = CASE WHEN route.agency = excluded.agency THEN route.provider ELSE '' END, agency = excluded.agency, endpoint = excluded.endpoint, key_id = excluded.key_id, key = excluded.key,
    updated_at = excluded.updated_at;

-- name: InsertMessage :execrows
INSERT INTO exchange.message (id, direction, kind, service, request_id, person_id, agency, foreign_id, provider, payload, status, sent_at)
VALUES (@id, @direction, @kind, @service, @request_id, @person_id, @agency, @foreign_id, @provider, @payload, 'queued', @sent_at)
ON CONFLICT DO NOTHING;

-- name: LockQueue :many
SELECT id
FROM exchange.message
WHERE request_id = @request_id AND direction = @direction AND status = 'queued'
ORDER BY seq
LIMIT 1
FOR UPDATE;

-- name: GetMessage :one
SELECT id, direction, kind, service, request_id, person_id, agency, foreign_id, payload, status, failure, sent_at, delivered_at
FROM exchange.message
WHERE id = @id;

-- name: FindPerson :one
SELECT person_id, agency, service
FROM exchange.message
WHERE request_id = @request_id AND direction = 'request'
ORDER BY seq
LIMIT 1;

-- name: FinishMessage :exec
UPDATE exchange.message
SET status = @status, failure = @failure, delivered_at = @delivered_at
WHERE id = @id AND status = 'queued';

-- name: ListMessages :many
SELECT id, direction, kind, service, request_id, agency, provider, attempts, problem, status, failure, sent_at, delivered_at
FROM exchange.message
WHERE (@status::text = '' OR status = @status)
  AND (@service::text = '' OR service = @service)
  AND (@provider::text = '' OR provider = @provider)
  AND (@request_id::uuid = '00000000-0000-0000-0000-000000000000' OR request_id = @request_id)
  AND (@before::uuid = '00000000-0000-0000-0000-000000000000' OR id < @before)
ORDER BY id DESC
LIMIT @count;
