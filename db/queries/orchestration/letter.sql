-- name: InsertLetter :execrows
INSERT INTO orchestration.letter (id, application_id, rev, code, number, words, written_at)
VALUES (@id, @application_id, @rev, @code, @number, @words, @written_at) ON CONFLICT DO NOTHING;

-- name: GetLetter :one
SELECT * FROM orchestration.letter WHERE id = @id;

-- name: ListLetters :many
SELECT * FROM orchestration.letter WHERE application_id = @application_id ORDER BY written_at, id;

-- name: SetLetterDocument :execrows
UPDATE orchestration.letter SET document_id = @document_id::uuid WHERE id = @id AND document_id IS NULL;

-- name: PageLetters :many
SELECT l.id, substring(l.words FROM 1 FOR 6)::bytea AS words
FROM orchestration.application a JOIN orchestration.letter l ON l.tenant_id = a.tenant_id AND l.application_id = a.id
WHERE a.person_id = @person AND l.id > @after ORDER BY l.id LIMIT @size;

-- name: LockLetter :one
SELECT a.person_id, l.words FROM orchestration.letter l JOIN orchestration.application a ON a.tenant_id = l.tenant_id AND a.id = l.application_id
WHERE l.id = $1 FOR UPDATE OF l;

-- name: SetLetterWords :exec
UPDATE orchestration.letter SET words = $2 WHERE id = $1;
