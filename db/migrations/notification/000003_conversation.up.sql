ALTER TABLE notification.provider DROP CONSTRAINT provider_channel_check;
ALTER TABLE notification.provider ADD CONSTRAINT provider_channel_check CHECK (channel IN ('sms', 'email', 'whatsapp', 'ussd'));
ALTER TABLE notification.message DROP CONSTRAINT message_channel_check;
ALTER TABLE notification.message ADD CONSTRAINT message_channel_check CHECK (channel IN ('sms', 'email', 'whatsapp'));
ALTER TABLE notification.message ADD COLUMN delivered_at timestamptz;
CREATE INDEX message_carrier_ref_idx ON notification.message (tenant_id, carrier_ref) WHERE carrier_ref <> '';
COMMENT ON COLUMN notification.message.subject IS 'Of an e-mail its subject, of a WhatsApp message the answers to choose from; sealed as the address';
COMMENT ON COLUMN notification.message.delivered_at IS 'When the provider reported that it reached its address';
