-- name: InsertBusiness :exec
INSERT INTO business.business (account_id, form, about, number_index, boundary, status, registered_at, changed_at)
VALUES (@account_id, @form, @about, @number_index, @boundary, 'unconfirmed', @now, @now);

-- name: GetBusiness :one
SELECT account_id, form, about, boundary, status, registered_at FROM business.business WHERE account_id = $1;

-- name: LockBusiness :one
SELECT account_id, form, about, boundary, status, registered_at FROM business.business WHERE account_id = $1 FOR UPDATE;

-- name: LockByNumber :one
SELECT account_id, status FROM business.business WHERE number_index = ANY(@indexes::bytea[]) AND status <> 'refused' FOR UPDATE;

-- name: SetBusinessStatus :exec
UPDATE business.business SET status = @status, changed_at = @now WHERE account_id = @account_id;

-- name: SetBusinessAbout :exec
UPDATE business.business SET about = @about, boundary = @boundary, changed_at = @now WHERE account_id = @account_id;

-- name: SetNumberIndex :exec
UPDATE business.business SET number_index = @number_index WHERE account_id = @account_id;

-- name: DeleteBusiness :exec
DELETE FROM business.business WHERE account_id = $1;

-- name: InsertNameTokens :exec
INSERT INTO business.name_token (token, account_id) SELECT DISTINCT unnest(@tokens::bytea[]), @account_id::uuid;

-- name: DeleteNameTokens :exec
DELETE FROM business.name_token WHERE account_id = $1;

-- name: PageAbout :many
-- What is sealed, without what is in it: the first six bytes tell by which key.
SELECT account_id, substring(about FROM 1 FOR 6)::bytea AS head FROM business.business WHERE account_id = @person AND account_id > @after ORDER BY account_id LIMIT @size;

-- name: SetAbout :exec
UPDATE business.business SET about = $2 WHERE account_id = $1;

-- name: PageNumbers :many
SELECT account_id, substring(number_index FROM 1 FOR 8)::bytea AS head FROM business.business WHERE account_id > @after ORDER BY account_id LIMIT @size;

-- name: PageNameTokens :many
SELECT DISTINCT ON (account_id) account_id, substring(token FROM 1 FOR 8)::bytea AS head FROM business.name_token
WHERE account_id > @after ORDER BY account_id, token LIMIT @size;
