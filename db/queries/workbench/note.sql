-- name: InsertNote :exec
INSERT INTO workbench.note (id, application_id, author_id, text, written_at)
VALUES (@id, @application_id, @author_id, @text, @written_at);

-- name: ListNotes :many
SELECT id, application_id, author_id, text, written_at FROM workbench.note
WHERE application_id = @application_id ORDER BY written_at, id;
