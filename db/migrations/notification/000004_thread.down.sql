DROP INDEX notification.message_thread_idx;
ALTER TABLE notification.message DROP COLUMN thread_id;
