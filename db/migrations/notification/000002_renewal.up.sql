CREATE INDEX message_nobody_idx ON notification.message (tenant_id, id) WHERE person_id IS NULL;
