ALTER TABLE identity.federated_session DROP COLUMN sid_hash, ADD COLUMN subject_index bytea NOT NULL DEFAULT '', ADD COLUMN sid_index bytea;
CREATE INDEX federated_session_subject_idx ON identity.federated_session (tenant_id, source, subject_index);
CREATE INDEX federated_session_sid_idx ON identity.federated_session (tenant_id, source, sid_index);
