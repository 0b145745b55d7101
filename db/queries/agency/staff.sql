-- name: PutStaff :exec
INSERT INTO agency.staff (account_id, agency, office, title, since)
VALUES (@account_id, @agency, sqlc.narg(office), @title, @since)
ON CONFLICT (tenant_id, account_id, agency) DO UPDATE SET office = excluded.office, title = excluded.title;

-- name: DeleteStaff :execrows
DELETE FROM agency.staff WHERE account_id = @account_id AND agency = @agency;

-- name: ListStaff :many
SELECT account_id, agency, office, title, since FROM agency.staff
WHERE agency = @agency AND account_id > @after ORDER BY account_id LIMIT @lim;

-- name: ListPosts :many
SELECT account_id, agency, office, title, since FROM agency.staff WHERE account_id = @account_id ORDER BY agency;
