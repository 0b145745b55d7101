-- name: PutOffice :exec
INSERT INTO agency.office (agency, code, name, boundary, address, hours, email, phone, closed, updated_at)
VALUES (@agency, @code, @name, @boundary, @address, @hours, @email, @phone, @closed, @updated_at)
ON CONFLICT (tenant_id, agency, code) DO UPDATE SET name = excluded.name, boundary = excluded.boundary, address = excluded.address,
  hours = excluded.hours, email = excluded.email, phone = excluded.phone, closed = excluded.closed, updated_at = excluded.updated_at;

-- name: ListOffices :many
SELECT agency, code, name, boundary, address, hours, email, phone, closed, updated_at
FROM agency.office WHERE agency = @agency ORDER BY code;

-- name: ListPlaces :many
-- Where open agencies are responsible and where their open offices are; an agency of the whole state has no area.
SELECT a.code AS agency, a.boundary, false AS counter FROM agency.agency a WHERE NOT a.closed
UNION
SELECT o.agency, o.boundary, true AS counter FROM agency.office o JOIN agency.agency a ON a.code = o.agency
WHERE NOT o.closed AND NOT a.closed
ORDER BY agency, counter, boundary;
