ALTER TABLE channel.heard ADD COLUMN sent_at timestamptz;
ALTER TABLE channel.heard ADD COLUMN late boolean NOT NULL DEFAULT false;
CREATE INDEX heard_open_idx ON channel.heard (tenant_id, talk_id, sent_at, id) WHERE answered_at IS NULL;
COMMENT ON COLUMN channel.heard.sent_at IS 'When it was written by the provider''s clock, which orders the messages of a conversation; null where the provider does not say';
COMMENT ON COLUMN channel.heard.late IS 'It arrived after a later one had moved the conversation, and so did not';
