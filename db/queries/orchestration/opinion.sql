-- name: InsertOpinion :execrows
INSERT INTO orchestration.opinion (id, application_id, code, state, agency, seen, status, asked_at, asked_by, due_at)
VALUES (@id, @application_id, @code, @state, @agency, @seen, 'open', @asked_at, sqlc.narg(asked_by), @due_at) ON CONFLICT DO NOTHING;

-- name: ListOpinions :many
SELECT id, code, state, agency, seen, status, answer, words, files, asked_at, asked_by, due_at, reminders, closed_at
FROM orchestration.opinion WHERE application_id = @application_id ORDER BY asked_at, id;

-- name: ListHeard :many
SELECT code, answer FROM orchestration.opinion WHERE application_id = @application_id AND status = 'given';

-- name: GetOpinionOwner :one
SELECT application_id FROM orchestration.opinion WHERE id = @id;

-- name: CloseOpinion :execrows
UPDATE orchestration.opinion SET status = @status, closed_at = @closed_at WHERE id = @id AND status = ANY (sqlc.arg(was)::text[]);

-- name: GiveOpinion :execrows
UPDATE orchestration.opinion SET status = 'given', answer = @answer, words = sqlc.narg(words), files = sqlc.narg(files), closed_at = @closed_at
WHERE id = @id AND status = 'open';

-- name: RemindOpinion :exec
UPDATE orchestration.opinion SET reminders = reminders + 1, due_at = @due_at WHERE id = @id;

-- name: PageOpinions :many
SELECT o.id, substring(o.words FROM 1 FOR 6)::bytea AS words, substring(o.files FROM 1 FOR 6)::bytea AS files
FROM orchestration.application a JOIN orchestration.opinion o ON o.tenant_id = a.tenant_id AND o.application_id = a.id
WHERE a.person_id = @person AND o.id > @after ORDER BY o.id LIMIT @size;

-- name: LockOpinion :one
SELECT a.person_id, o.words, o.files FROM orchestration.opinion o JOIN orchestration.application a ON a.tenant_id = o.tenant_id AND a.id = o.application_id
WHERE o.id = $1 FOR UPDATE OF o;

-- name: SetOpinionSealed :exec
UPDATE orchestration.opinion SET words = $2, files = $3 WHERE id = $1;

-- name: InsertConsultation :execrows
INSERT INTO orchestration.consultation (id, agency, asker, service, version, code, reference, person_id, shown, asked_at, due_at)
VALUES (@id, @agency, @asker, @service, @version, @code, @reference, @person_id, @shown, @asked_at, @due_at) ON CONFLICT DO NOTHING;

-- name: GetConsultation :one
SELECT id, agency, asker, service, version, code, reference, person_id, shown, status, answer, words, files, asked_at, due_at, reminded_at, answered_at, answered_by
FROM orchestration.consultation WHERE id = @id;

-- name: LockConsultation :one
SELECT person_id, agency, status, shown, words, files FROM orchestration.consultation WHERE id = @id FOR UPDATE;

-- name: ListConsultations :many
-- What waits or what is over, by when it is due, or the last or the first asked first.
SELECT id, agency, asker, service, version, code, reference, status, answer, asked_at, due_at, reminded_at, answered_at
FROM orchestration.consultation
WHERE (@everywhere::bool OR agency = ANY (sqlc.arg(agencies)::text[])) AND status = ANY (sqlc.arg(statuses)::text[])
  AND (@answer::text = '' OR answer = @answer) AND (NOT @late::bool OR due_at < @now) AND (@asker::text = '' OR asker = @asker)
  AND (@service::text = '' OR service = @service) AND starts_with(lower(reference), lower(sqlc.arg(beginning)::text))
  AND (sqlc.narg(after_at)::timestamptz IS NULL OR CASE @sort::text
    WHEN 'due' THEN (due_at, id) > (sqlc.narg(after_at)::timestamptz, @after_id::uuid)
    WHEN 'oldest' THEN (asked_at, id) > (sqlc.narg(after_at)::timestamptz, @after_id::uuid)
    ELSE (asked_at, id) < (sqlc.narg(after_at)::timestamptz, @after_id::uuid) END)
ORDER BY CASE @sort::text WHEN 'due' THEN due_at WHEN 'oldest' THEN asked_at END, CASE @sort::text WHEN 'newest' THEN asked_at END DESC,
  CASE @sort::text WHEN 'newest' THEN id END DESC, id
LIMIT @size;

-- name: CountConsultations :one
SELECT count(*) AS waiting, count(*) FILTER (WHERE c.due_at < @now) AS late, EXISTS (
  SELECT 1 FROM orchestration.consultation o WHERE @everywhere::bool OR o.agency = ANY (sqlc.arg(agencies)::text[])
) AS ever FROM orchestration.consultation c
WHERE c.status = 'open' AND (@everywhere::bool OR c.agency = ANY (sqlc.arg(agencies)::text[]));

-- name: TallyConsultations :many
-- How many there are of each kind, among the last so many.
SELECT status, answer, asker, service, max(version)::int AS version, late, count(*) AS n FROM (
  SELECT c.status, c.answer, c.asker, c.service, c.version, (c.status = 'open' AND c.due_at < @now)::bool AS late FROM orchestration.consultation c
  WHERE (@everywhere::bool OR c.agency = ANY (sqlc.arg(agencies)::text[])) AND starts_with(lower(c.reference), lower(sqlc.arg(beginning)::text))
    AND (c.status = 'open') = @open::bool
  ORDER BY c.asked_at DESC LIMIT @most
) lately GROUP BY status, answer, asker, service, late ORDER BY asker, service;

-- name: AnswerConsultation :exec
UPDATE orchestration.consultation SET status = 'answered', answer = @answer, words = sqlc.narg(words), files = sqlc.narg(files), answered_at = @answered_at, answered_by = @answered_by
WHERE id = @id;

-- name: RemindConsultation :execrows
UPDATE orchestration.consultation SET reminded_at = @reminded_at, due_at = @due_at WHERE id = @id AND status = 'open';

-- name: RecallConsultation :execrows
UPDATE orchestration.consultation SET status = 'recalled' WHERE id = @id AND status = 'open';

-- name: PageConsultations :many
SELECT id, substring(shown FROM 1 FOR 6)::bytea AS shown, substring(words FROM 1 FOR 6)::bytea AS words, substring(files FROM 1 FOR 6)::bytea AS files
FROM orchestration.consultation WHERE person_id = @person AND id > @after ORDER BY id LIMIT @size;

-- name: SetConsultationSealed :exec
UPDATE orchestration.consultation SET shown = $2, words = $3, files = $4 WHERE id = $1;
