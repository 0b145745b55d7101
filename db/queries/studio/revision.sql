-- name: InsertRevision :exec
INSERT INTO studio.revision (draft_id, no, parent, pack, hash, step, args, at, by_id)
VALUES (@draft_id, @no, @parent, @pack, @hash, @step, @args, @at, @by_id);

-- name: GetRevisionPack :one
SELECT pack FROM studio.revision WHERE draft_id = @draft_id AND no = @no;

-- name: GetRevision :one
SELECT no, parent, hash, step, args, at, by_id FROM studio.revision WHERE draft_id = @draft_id AND no = @no;

-- name: GetNextRevision :one
-- The last change that was made to a revision, to which redo leads.
SELECT no, parent, hash, step, args, at, by_id FROM studio.revision WHERE draft_id = @draft_id AND parent = @parent ORDER BY no DESC LIMIT 1;

-- name: ListRevisions :many
SELECT no, parent, hash, step, args, at, by_id FROM studio.revision
WHERE draft_id = @draft_id AND (@before::integer = 0 OR no < @before) ORDER BY no DESC LIMIT @lim;

-- name: ListAuthors :many
SELECT DISTINCT by_id FROM studio.revision WHERE draft_id = @draft_id AND no > @since AND no <= @until;
