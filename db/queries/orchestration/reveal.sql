-- name: InsertReveal :exec
INSERT INTO orchestration.reveal (id, application_id, question, actor_id, reason, revealed_at, until)
VALUES (@id, @application_id, @question, @actor_id, @reason, @revealed_at, @until);

-- name: ListRevealed :many
-- The questions whose answers somebody is shown at the moment.
SELECT DISTINCT question FROM orchestration.reveal WHERE application_id = @application_id AND actor_id = @actor_id AND until > @now::timestamptz;

-- name: GetApplicationID :one
SELECT id FROM orchestration.application WHERE reference = @reference;
