DELETE FROM notification.message WHERE channel = 'whatsapp';
DELETE FROM notification.provider WHERE channel IN ('whatsapp', 'ussd');
DROP INDEX notification.message_carrier_ref_idx;
ALTER TABLE notification.message DROP COLUMN delivered_at;
COMMENT ON COLUMN notification.message.subject IS NULL;
ALTER TABLE notification.message DROP CONSTRAINT message_channel_check;
ALTER TABLE notification.message ADD CONSTRAINT message_channel_check CHECK (channel IN ('sms', 'email'));
ALTER TABLE notification.provider DROP CONSTRAINT provider_channel_check;
ALTER TABLE notification.provider ADD CONSTRAINT provider_channel_check CHECK (channel IN ('sms', 'email'));
