ALTER TABLE notification.message
  DROP COLUMN instead_id,
  DROP COLUMN instead_once,
  DROP COLUMN instead_channel,
  DROP COLUMN read_at;
