-- name: LockAgency :one
SELECT code, closed FROM agency.agency WHERE code = @code FOR UPDATE;

-- name: PutPosition :exec
INSERT INTO agency.position (agency, code, title, office, boundary, roles, reports_to, seats, closed, updated_at)
VALUES (@agency, @code, @title, sqlc.narg(office), @boundary, @roles, sqlc.narg(reports_to), @seats, @closed, @updated_at)
ON CONFLICT (tenant_id, agency, code) DO UPDATE SET title = excluded.title, office = excluded.office, boundary = excluded.boundary,
  roles = excluded.roles, reports_to = excluded.reports_to, seats = excluded.seats, closed = excluded.closed, updated_at = excluded.updated_at;

-- name: GetPosition :one
SELECT agency, code, title, office, boundary, roles, reports_to, seats, closed, updated_at FROM agency.position
WHERE agency = @agency AND code = @code;

-- name: ListPositions :many
SELECT agency, code, title, office, boundary, roles, reports_to, seats, closed, updated_at FROM agency.position
WHERE agency = @agency ORDER BY code;

-- name: InsertHolding :exec
INSERT INTO agency.holding (id, agency, position, account_id, valid_from, valid_until) VALUES (@id, @agency, @position, @account_id, @valid_from, sqlc.narg(valid_until));

-- name: LockHolding :one
SELECT id, agency, position, account_id, valid_from, valid_until FROM agency.holding WHERE id = @id FOR UPDATE;

-- name: SetHoldingEnd :exec
UPDATE agency.holding SET valid_until = @valid_until WHERE id = @id;

-- name: DeleteHolding :exec
DELETE FROM agency.holding WHERE id = @id;

-- name: ListOpenHoldings :many
-- Those of an agency that are not over; of one position alone where it is named.
SELECT id, agency, position, account_id, valid_from, valid_until FROM agency.holding
WHERE agency = @agency AND (@position::text = '' OR position = @position) AND (valid_until IS NULL OR valid_until > @now::timestamptz)
ORDER BY position, valid_from, id;

-- name: ListHoldings :many
SELECT id, agency, position, account_id, valid_from, valid_until FROM agency.holding
WHERE agency = @agency AND position = @position AND (sqlc.narg('after')::uuid IS NULL OR id < sqlc.narg('after')) ORDER BY id DESC LIMIT @lim;

-- name: ListHeld :many
SELECT h.id, h.agency, h.position, h.account_id, h.valid_from, h.valid_until, p.title FROM agency.holding h
JOIN agency.position p ON p.tenant_id = h.tenant_id AND p.agency = h.agency AND p.code = h.position
WHERE h.account_id = @account_id AND (h.valid_until IS NULL OR h.valid_until > @now::timestamptz) ORDER BY h.valid_from, h.id;
