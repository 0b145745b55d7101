-- Applications of a service from a place, the newest first: among them are those that are perhaps made twice.
CREATE INDEX application_lately_idx ON orchestration.application (tenant_id, service, boundary, received_at DESC, id);
