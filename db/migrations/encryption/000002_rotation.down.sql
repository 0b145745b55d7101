DROP TABLE encryption.proposal;
DROP TABLE encryption.rotation_column;
DROP TABLE encryption.rotation;
DROP TABLE encryption.key_version;
DROP TABLE encryption.root_copy;
DROP TABLE encryption.root_key;

DROP INDEX encryption.signing_key_owner_idx;
DROP INDEX encryption.signing_key_next_key;
DROP INDEX encryption.signing_key_active_key;
-- One key an owner and no private part that could be missing: what does not fit the older shape goes.
ALTER TABLE encryption.signing_key NO FORCE ROW LEVEL SECURITY;
ALTER TABLE encryption.signing_key DROP CONSTRAINT signing_key_wrapped_check;
ALTER TABLE encryption.signing_key DROP CONSTRAINT signing_key_status_check;
ALTER TABLE encryption.signing_key DROP CONSTRAINT signing_key_purpose_check;
DELETE FROM encryption.signing_key WHERE purpose <> 'credential' OR wrapped IS NULL;
ALTER TABLE encryption.signing_key FORCE ROW LEVEL SECURITY;
ALTER TABLE encryption.signing_key ADD CONSTRAINT signing_key_status_check CHECK (status IN ('active', 'retired', 'revoked'));
ALTER TABLE encryption.signing_key ALTER COLUMN wrapped SET NOT NULL;
ALTER TABLE encryption.signing_key DROP COLUMN purpose, DROP COLUMN wrapped_by, DROP COLUMN ready_at, DROP COLUMN active_at,
  DROP COLUMN retired_at, DROP COLUMN destroyed_at;
CREATE UNIQUE INDEX signing_key_active_key ON encryption.signing_key (tenant_id, owner) WHERE status = 'active';
CREATE INDEX signing_key_owner_idx ON encryption.signing_key (tenant_id, owner);

DROP INDEX encryption.person_key_wrapped_by_idx;
ALTER TABLE encryption.person_key DROP COLUMN wrapped_by, DROP COLUMN rotated_at;
ALTER TABLE encryption.tenant_key NO FORCE ROW LEVEL SECURITY;
DELETE FROM encryption.tenant_key WHERE purpose IN ('api', 'record');
ALTER TABLE encryption.tenant_key FORCE ROW LEVEL SECURITY;
ALTER TABLE encryption.tenant_key DROP CONSTRAINT tenant_key_purpose_check;
ALTER TABLE encryption.tenant_key ADD CONSTRAINT tenant_key_purpose_check CHECK (purpose IN ('seal', 'index', 'mac'));
ALTER TABLE encryption.tenant_key DROP COLUMN root_id, DROP COLUMN bare_key;
