DELETE FROM simulator.message WHERE channel = 'whatsapp' OR written;
COMMENT ON COLUMN simulator.message.subject IS NULL;
ALTER TABLE simulator.message DROP COLUMN written;
ALTER TABLE simulator.message DROP CONSTRAINT message_channel_check;
ALTER TABLE simulator.message ADD CONSTRAINT message_channel_check CHECK (channel IN ('sms', 'email'));
