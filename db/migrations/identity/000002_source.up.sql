-- Grants that somebody gave by hand stand beside those that follow from something else, and neither touches the other.
ALTER TABLE identity.role_grant ADD COLUMN source text NOT NULL DEFAULT '';
ALTER TABLE identity.role_grant ADD CONSTRAINT role_grant_source_check CHECK (source ~ '^([a-z]+:[a-z0-9-]{1,80})?$');
COMMENT ON COLUMN identity.role_grant.source IS 'What the grant follows from (provider:eid, position:…) and is replaced with; empty for a grant given by hand';
ALTER TABLE identity.role_grant DROP CONSTRAINT role_grant_key;
ALTER TABLE identity.role_grant ADD CONSTRAINT role_grant_key UNIQUE (tenant_id, account_id, role, agency, boundary, source);
CREATE INDEX role_grant_source_idx ON identity.role_grant (tenant_id, source);
