ALTER TABLE notification.message
  ADD COLUMN read_at timestamptz,
  ADD COLUMN instead_channel text NOT NULL DEFAULT '' CHECK (instead_channel IN ('', 'sms')),
  ADD COLUMN instead_once text,
  ADD COLUMN instead_id uuid,
  ADD CONSTRAINT message_instead_check CHECK (instead_id IS NULL OR instead_channel <> '');
COMMENT ON COLUMN notification.message.read_at IS 'When the provider reported that it was opened';
COMMENT ON COLUMN notification.message.instead_channel IS 'By which channel it goes where this one does not carry it; empty for none';
COMMENT ON COLUMN notification.message.instead_once IS 'The key by which that message is sent once';
COMMENT ON COLUMN notification.message.instead_id IS 'The message that went instead';
COMMENT ON COLUMN notification.message.subject IS 'Of an e-mail its subject, of a WhatsApp message the answers to choose from and what a template is filled with; sealed as the address';
