ALTER TABLE notification.message ADD COLUMN thread_id uuid;
CREATE INDEX message_thread_idx ON notification.message (tenant_id, thread_id, id) WHERE thread_id IS NOT NULL AND status = 'queued';
COMMENT ON COLUMN notification.message.thread_id IS 'Messages of one conversation are carried in the order in which they were written';
