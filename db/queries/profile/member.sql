-- name: InsertMember :exec
INSERT INTO profile.member (id, account_id, about, added_at, changed_at) VALUES (@id, @account_id, @about, @now, @now);

-- name: ListMembers :many
SELECT id, about, added_at FROM profile.member WHERE account_id = @account_id ORDER BY id;

-- name: SetMember :execrows
UPDATE profile.member SET about = @about, changed_at = @now WHERE id = @id AND account_id = @account_id;

-- name: DeleteMember :execrows
DELETE FROM profile.member WHERE id = @id AND account_id = @account_id;

-- name: PageMembers :many
SELECT id, substring(about FROM 1 FOR 6)::bytea AS head FROM profile.member WHERE account_id = @person AND id > @after ORDER BY id LIMIT @size;

-- name: LockMember :one
SELECT account_id, about FROM profile.member WHERE id = $1 FOR UPDATE;

-- name: SetMemberAbout :exec
UPDATE profile.member SET about = $2 WHERE id = $1;
