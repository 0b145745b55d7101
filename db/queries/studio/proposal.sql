-- name: InsertProposal :exec
INSERT INTO studio.proposal (id, draft_id, revision, way, code, agency, name, pack, hash, base, authors, state, comment, at, by_id, answer, publish_on, version)
VALUES (@id, sqlc.narg(draft_id), @revision, @way, @code, @agency, @name, @pack, @hash, @base, @authors, @state, @comment, @at, @by_id, '', sqlc.narg(publish_on), @version);

-- name: GetProposal :one
SELECT * FROM studio.proposal WHERE id = @id;

-- name: LockProposal :one
SELECT * FROM studio.proposal WHERE id = @id FOR UPDATE;

-- name: GetProposalOpen :one
SELECT * FROM studio.proposal WHERE code = @code AND state IN ('waiting', 'scheduled');

-- name: SetProposalState :exec
UPDATE studio.proposal SET state = @state, decided_at = sqlc.narg(decided_at), decided_by = sqlc.narg(decided_by), answer = @answer, version = @version
WHERE id = @id;

-- name: ListProposals :many
SELECT id, draft_id, revision, way, code, agency, name, hash, base, authors, state, comment, at, by_id, decided_at, decided_by, answer, publish_on, version
FROM studio.proposal
WHERE (@everywhere::boolean OR agency = ANY (@agencies::text[]))
  AND (@state::text = '' OR state = @state)
  AND (@code::text = '' OR code = @code)
  AND (NOT @paging::boolean OR (at, id) < (@before::timestamptz, @before_id::uuid))
ORDER BY at DESC, id DESC LIMIT @lim;

-- name: LastPublished :one
-- The revision of a draft that was published last; no row where none was.
SELECT revision FROM studio.proposal WHERE draft_id = @draft_id AND state = 'published' ORDER BY at DESC LIMIT 1;
