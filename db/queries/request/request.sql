-- name: InsertRequest :exec
INSERT INTO request.request (id, person_id, service, version, lang, status, answers, sources, created_at, updated_at)
VALUES (@id, @person_id, @service, @version, @lang, 'draft', @answers, @sources, @now, @now);

-- name: FindDraft :one
SELECT id
FROM request.request
WHERE person_id = @person_id AND service = @service AND version = @version AND status = 'draft'
ORDER BY id DESC
LIMIT 1;

-- name: GetRequest :one
SELECT id, person_id, service, version, lang, status, reference, answers, last_page, items, note, state, state_name, state_text,
       outcome, promised_at, demand_id, demand_minor, demand_currency, receipt, certificate_id, created_at, updated_at, submitted_at,
       sources, found, subject_id
FROM request.request
WHERE id = @id;

-- name: LockRequest :one
SELECT id, person_id, service, version, lang, status, reference, answers, last_page, items, note, state, state_name, state_text,
       outcome, promised_at, demand_id, demand_minor, demand_currency, receipt, certificate_id, created_at, updated_at, submitted_at,
       sources, found, subject_id
FROM request.request
WHERE id = @id
FOR UPDATE;

-- name: SaveAnswers :exec
UPDATE request.request
SET answers = @answers, items = @items, last_page = @last_page, lang = @lang, sources = @sources, found = sqlc.narg(found), updated_at = @now
WHERE id = @id;

-- name: SetSubmitted :exec
UPDATE request.request
SET status = 'submitted', reference = @reference, answers = @answers, items = '{}', note = NULL, submitted_at = coalesce(submitted_at, @now), updated_at = @now
WHERE id = @id;

-- name: SetStatus :exec
UPDATE request.request
SET status = @status, updated_at = @now
WHERE id = @id;

-- name: SetState :exec
UPDATE request.request
SET status = @status, state = @state, state_name = @state_name, state_text = @state_text, outcome = @outcome,
    promised_at = @promised_at, items = @items, note = @note, demand_id = @demand_id, demand_minor = @demand_minor,
    demand_currency = @demand_currency, receipt = @receipt, certificate_id = @certificate_id, updated_at = @now
WHERE id = @id;

-- name: ListRequests :many
SELECT id, person_id, service, version, lang, status, reference, answers, last_page, items, note, state, state_name, state_text,
       outcome, promised_at, demand_id, demand_minor, demand_currency, receipt, certificate_id, created_at, updated_at, submitted_at,
       sources, found, subject_id
FROM request.request
WHERE person_id = ANY(@persons::uuid[])
  AND status <> 'discarded'
  AND (@open_only::bool = false OR status <> 'closed')
  AND (@service::text = '' OR service = @service)
  AND (sqlc.narg('services')::text[] IS NULL OR service = ANY(sqlc.narg('services')::text[]))
  AND (@before::uuid = '00000000-0000-0000-0000-000000000000' OR id < @before)
ORDER BY id DESC
LIMIT @count;

-- name: InsertEntry :exec
INSERT INTO request.entry (id, request_id, kind, name, text, note, detail, at)
VALUES (@id, @request_id, @kind, @name, @text, @note, @detail, @at);

-- name: ListEntries :many
SELECT id, request_id, kind, name, text, note, detail, at
FROM request.entry
WHERE request_id = @request_id
ORDER BY id;

-- name: ListReferences :many
SELECT id, reference FROM request.request WHERE person_id = ANY(@persons::uuid[]) AND id = ANY(@ids::uuid[]) AND reference IS NOT NULL;

-- name: SetSubject :exec
UPDATE request.request SET subject_id = sqlc.narg(subject_id), updated_at = @now WHERE id = @id;

-- name: PersonByReference :one
SELECT person_id FROM request.request WHERE reference = @reference::text;
