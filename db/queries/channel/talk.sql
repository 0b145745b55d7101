-- name: FindTalk :one
SELECT id FROM channel.talk WHERE channel = $1 AND number_index = ANY(@indexes::bytea[]) LIMIT 1;

-- name: LockTalk :one
SELECT * FROM channel.talk WHERE id = $1 FOR UPDATE;

-- name: GetTalk :one
SELECT * FROM channel.talk WHERE id = $1;

-- name: InsertTalk :exec
INSERT INTO channel.talk (id, channel, number_index, person_id, lang, body, heard_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, @now, @now)
ON CONFLICT (tenant_id, channel, number_index) DO NOTHING;

-- name: SetTalk :exec
UPDATE channel.talk SET person_id = $2, lang = $3, body = $4, proved_at = $5, stopped_at = $6, heard_at = $7 WHERE id = $1;

-- name: DeleteTalksOf :exec
DELETE FROM channel.talk WHERE person_id = @person::uuid;

-- name: ListTalksOf :many
SELECT * FROM channel.talk WHERE person_id = @person::uuid ORDER BY id;

-- name: DeleteTalk :exec
DELETE FROM channel.talk WHERE id = $1;

-- name: ListHeard :many
SELECT * FROM channel.heard WHERE talk_id = $1 ORDER BY id LIMIT 1000;

-- name: InsertHeard :one
INSERT INTO channel.heard (id, talk_id, person_id, ref, body, heard_at, sent_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (tenant_id, talk_id, ref) DO NOTHING RETURNING id;

-- name: FindHeard :one
SELECT id FROM channel.heard WHERE talk_id = $1 AND ref = $2;

-- name: GetHeard :one
SELECT * FROM channel.heard WHERE id = $1;

-- name: SetHeard :exec
UPDATE channel.heard SET body = $2, taken = $3, answered_at = $4, late = $5 WHERE id = $1;

-- name: NextHeard :one
-- The first of a conversation that waits for an answer, as long as this one does; one that could not be answered holds up the others for a while only.
SELECT h.id FROM channel.heard me JOIN channel.heard h ON h.talk_id = me.talk_id
WHERE me.id = $1 AND me.answered_at IS NULL AND h.answered_at IS NULL AND (h.id = me.id OR h.heard_at > @since::timestamptz)
ORDER BY h.sent_at NULLS FIRST, h.id LIMIT 1;

-- name: MovedSince :one
-- Whether something written later has moved the conversation.
SELECT EXISTS (SELECT 1 FROM channel.heard h WHERE h.talk_id = $1 AND h.taken AND NOT h.late AND h.sent_at > @sent::timestamptz);

-- name: DeleteOldHeard :exec
DELETE FROM channel.heard WHERE talk_id = $1 AND heard_at < $2;

-- name: InsertTicket :exec
INSERT INTO channel.ticket (id, token_hash, talk_id, person_id, request_id, place, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: FindTicket :one
SELECT * FROM channel.ticket WHERE token_hash = $1;

-- name: LockTicket :one
SELECT * FROM channel.ticket WHERE token_hash = $1 FOR UPDATE;

-- name: UseTicket :exec
UPDATE channel.ticket SET used_at = $2 WHERE id = $1;

-- name: DeleteOldTickets :exec
DELETE FROM channel.ticket WHERE talk_id = $1 AND (expires_at < $2 OR used_at IS NOT NULL);

-- name: LastWord :one
SELECT h.sent_at::timestamptz AS at FROM channel.talk t JOIN channel.heard h ON h.talk_id = t.id
WHERE t.channel = $1 AND t.number_index = ANY(@indexes::bytea[]) AND h.sent_at IS NOT NULL ORDER BY h.sent_at DESC LIMIT 1;
