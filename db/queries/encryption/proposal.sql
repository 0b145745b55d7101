-- name: InsertProposal :exec
INSERT INTO encryption.proposal (id, act, target, reason, proposed_by, proposed_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: GetProposal :one
SELECT id, act, target, reason, state, proposed_by, proposed_at, expires_at, decided_by, decided_at FROM encryption.proposal WHERE id = $1;

-- name: LockProposal :one
SELECT id, act, target, reason, state, proposed_by, proposed_at, expires_at, decided_by, decided_at FROM encryption.proposal WHERE id = $1 FOR UPDATE;

-- name: DecideProposal :exec
UPDATE encryption.proposal SET state = @state, decided_by = @decided_by, decided_at = @decided_at WHERE id = @id;

-- name: ListProposals :many
SELECT id, act, target, reason, state, proposed_by, proposed_at, expires_at, decided_by, decided_at FROM encryption.proposal
WHERE (@state::text = '' OR state = @state) AND (sqlc.narg('before')::uuid IS NULL OR id < sqlc.narg('before')) ORDER BY id DESC LIMIT @size;

-- name: PageProposals :many
SELECT id, substring(reason from 1 for 6)::bytea AS head FROM encryption.proposal WHERE id > @after ORDER BY id LIMIT @size;

-- name: SetProposalReason :exec
UPDATE encryption.proposal SET reason = $2 WHERE id = $1;

-- name: ExpireProposals :execrows
UPDATE encryption.proposal SET state = 'expired', decided_at = @now WHERE state = 'open' AND expires_at <= @now;
