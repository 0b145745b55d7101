-- A back-channel logout finds sessions by the account that its subject is linked to, and by the provider's own session. That is
-- random, so a plain hash keeps it, which a change of the index key leaves as it is.
ALTER TABLE identity.federated_session DROP COLUMN subject_index, DROP COLUMN sid_index, ADD COLUMN sid_hash bytea;
COMMENT ON COLUMN identity.federated_session.sid_hash IS 'SHA-256 of source and the provider''s own session, which its back-channel logout names';
CREATE INDEX federated_session_sid_idx ON identity.federated_session (tenant_id, source, sid_hash);
