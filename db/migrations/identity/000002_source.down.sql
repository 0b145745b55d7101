-- The owner is bound by row security like everybody; for this one statement it is not.
ALTER TABLE identity.role_grant NO FORCE ROW LEVEL SECURITY;
DELETE FROM identity.role_grant WHERE source <> '';
ALTER TABLE identity.role_grant FORCE ROW LEVEL SECURITY;
DROP INDEX identity.role_grant_source_idx;
ALTER TABLE identity.role_grant DROP CONSTRAINT role_grant_key;
ALTER TABLE identity.role_grant ADD CONSTRAINT role_grant_key UNIQUE (tenant_id, account_id, role, agency, boundary);
ALTER TABLE identity.role_grant DROP COLUMN source;
