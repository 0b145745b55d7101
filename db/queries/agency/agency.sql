-- name: PutAgency :exec
INSERT INTO agency.agency (code, name, purpose, boundary, email, phone, parent, closed, updated_at)
VALUES (@code, @name, @purpose, @boundary, @email, @phone, sqlc.narg(parent), @closed, @updated_at)
ON CONFLICT (tenant_id, code) DO UPDATE SET name = excluded.name, purpose = excluded.purpose, boundary = excluded.boundary,
  email = excluded.email, phone = excluded.phone, parent = excluded.parent, closed = excluded.closed, updated_at = excluded.updated_at;

-- name: GetAgency :one
SELECT code, name, purpose, boundary, email, phone, parent, closed, updated_at FROM agency.agency WHERE code = @code;

-- name: ListAgencies :many
SELECT code, name, purpose, boundary, email, phone, parent, closed, updated_at FROM agency.agency ORDER BY code;

-- name: LockAgencies :many
SELECT code, name, purpose, boundary, email, phone, parent, closed, updated_at FROM agency.agency ORDER BY code FOR UPDATE;
