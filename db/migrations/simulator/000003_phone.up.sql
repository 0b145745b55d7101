ALTER TABLE simulator.message DROP CONSTRAINT message_channel_check;
ALTER TABLE simulator.message ADD CONSTRAINT message_channel_check CHECK (channel IN ('sms', 'email', 'whatsapp'));
ALTER TABLE simulator.message ADD COLUMN written boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN simulator.message.written IS 'Written on the phone, rather than received';
COMMENT ON COLUMN simulator.message.subject IS 'Of an e-mail its subject, of a WhatsApp message the answers to choose from';
