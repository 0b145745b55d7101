-- name: InsertMessage :one
INSERT INTO notification.message (id, person_id, channel, address, subject, text, lang, purpose, once, related_id, status, created_at, thread_id, instead_channel, instead_once)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (tenant_id, once) WHERE once IS NOT NULL DO NOTHING RETURNING id;

-- name: GetMessageByOnce :one
SELECT id FROM notification.message WHERE once = $1;

-- name: GetMessage :one
SELECT id, person_id, channel, address, subject, text, lang, status, tries, carrier FROM notification.message WHERE id = $1;

-- name: TryMessage :one
UPDATE notification.message SET tries = tries + 1, carrier = $2 WHERE id = $1 AND status = 'queued'
RETURNING id, person_id, channel, address, subject, text, lang, tries, purpose, thread_id;

-- name: MessageBehind :one
-- Whether an earlier message of the same conversation is still on its way.
SELECT EXISTS (
  SELECT 1 FROM notification.message me JOIN notification.message m ON m.thread_id = me.thread_id
  WHERE me.id = $1 AND m.id < me.id AND m.status = 'queued' AND m.created_at > @since::timestamptz
);

-- name: FinishMessage :execrows
UPDATE notification.message SET status = $2, carrier_ref = $3, problem = $4, finished_at = $5 WHERE id = $1 AND status = 'queued';

-- name: NoteProblem :exec
UPDATE notification.message SET problem = $2 WHERE id = $1 AND status = 'queued';

-- name: ReleaseWaiting :many
UPDATE notification.message SET status = 'queued'
WHERE id IN (SELECT w.id FROM notification.message w WHERE w.status = 'waiting' AND w.channel = $1 ORDER BY w.id LIMIT 200)
RETURNING id;

-- name: CountByStatus :many
SELECT channel, status, count(*) AS n FROM notification.message WHERE status IN ('waiting', 'queued', 'failed') GROUP BY channel, status;

-- name: ListMessages :many
SELECT id, person_id, channel, address, lang, purpose, related_id, status, tries, carrier, problem, created_at, finished_at, delivered_at, read_at, instead_channel, instead_id
FROM notification.message
WHERE (sqlc.narg(person)::uuid IS NULL OR person_id = sqlc.narg(person)) AND (sqlc.narg(related)::uuid IS NULL OR related_id = sqlc.narg(related))
  AND (sqlc.arg(channel)::text = '' OR channel = sqlc.arg(channel)) AND (sqlc.arg(status)::text = '' OR status = sqlc.arg(status))
  AND (sqlc.narg(before)::uuid IS NULL OR id < sqlc.narg(before))
ORDER BY id DESC LIMIT sqlc.arg(lim)::int;

-- name: GetProvider :one
SELECT * FROM notification.provider WHERE channel = $1;

-- name: ListProviders :many
SELECT * FROM notification.provider ORDER BY channel;

-- name: PutProvider :exec
INSERT INTO notification.provider (channel, id, kind, settings, changed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, channel) DO UPDATE SET id = excluded.id, kind = excluded.kind, settings = excluded.settings, changed_at = excluded.changed_at;

-- name: DeliveredMessage :exec
UPDATE notification.message SET delivered_at = coalesce(delivered_at, sqlc.arg(now)::timestamptz),
  read_at = CASE WHEN sqlc.arg(opened)::boolean THEN coalesce(read_at, sqlc.arg(now)::timestamptz) ELSE read_at END
WHERE carrier_ref = $1 AND channel = $2 AND status = 'sent';

-- name: UndeliveredMessage :many
UPDATE notification.message SET status = 'failed', problem = 'undelivered' WHERE carrier_ref = $1 AND channel = $2 AND status = 'sent' AND delivered_at IS NULL
RETURNING id;

-- name: LockInstead :one
SELECT person_id, channel, address, text, lang, purpose, related_id, instead_channel, instead_once FROM notification.message
WHERE id = $1 AND instead_channel <> '' AND instead_id IS NULL FOR UPDATE;

-- name: SetInstead :exec
UPDATE notification.message SET instead_id = $2 WHERE id = $1;
