CREATE INDEX record_holder_idx ON registry.record (tenant_id, holder_id, id);
CREATE INDEX version_holder_idx ON registry.version (tenant_id, holder_id, record_id, version);
