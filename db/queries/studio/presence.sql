-- name: PutPresence :exec
INSERT INTO studio.presence (draft_id, account, part, spot, at) VALUES (@draft_id, @account, @part, @spot, @at)
ON CONFLICT (tenant_id, draft_id, account) DO UPDATE SET part = excluded.part, spot = excluded.spot, at = excluded.at;

-- name: ListPresence :many
SELECT account, part, spot, at FROM studio.presence WHERE draft_id = @draft_id AND at > @since ORDER BY at DESC, account;
