-- name: PutOffice :exec
INSERT INTO agency.office (agency, code, name, boundary, address, hours, email, phone, closed, updated_at)
VALUES (@agency, @code, @name, @boundary, @address, @hours, @email, @phone, @closed, @updated_at)
ON CONFLICT (tenant_id, agency, code) DO UPDATE SET name = excluded.name, boundary = excluded.boundary, address = excluded.address,
  hours = excluded.hours, email = excluded.email, phone = excluded.phone, closed = excluded.closed, updated_at = excluded.updated_at;

-- name: ListOffices :many
SELECT agency, code, name, boundary, address, hours, email, phone, closed, updated_at
FROM agency.office WHERE agency = @agency ORDER BY code;
