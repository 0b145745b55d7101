DROP INDEX notification.message_nobody_idx;
