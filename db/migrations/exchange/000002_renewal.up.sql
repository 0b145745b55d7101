CREATE INDEX message_person_idx ON exchange.message (tenant_id, person_id, id);
