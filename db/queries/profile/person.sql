-- name: InsertPerson :execrows
INSERT INTO profile.person (account_id, name, lang, boundary, channels, created_at, changed_at)
VALUES (@account_id, @name, @lang, '', ARRAY['sms', 'email'], @now, @now) ON CONFLICT DO NOTHING;

-- name: GetPerson :one
SELECT account_id, name, lang, boundary, channels, reminders, quiet_from, quiet_to, stopped, changed_at FROM profile.person WHERE account_id = $1;

-- name: SetPerson :execrows
UPDATE profile.person SET name = @name, lang = @lang, boundary = @boundary, channels = @channels, reminders = @reminders, quiet_from = @quiet_from, quiet_to = @quiet_to,
  stopped = ARRAY(SELECT unnest(stopped) EXCEPT SELECT unnest(@channels::text[] || @reminders::text[])), changed_at = @changed_at WHERE account_id = @account_id;
