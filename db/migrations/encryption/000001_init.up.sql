CREATE SCHEMA encryption;
COMMENT ON SCHEMA encryption IS 'Wrapped keys: root keyset (outside the database) > keysets of a tenant > one data key a person';
GRANT USAGE ON SCHEMA encryption TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA encryption GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE encryption.tenant_key (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  purpose text NOT NULL,
  wrapped bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT tenant_key_pkey PRIMARY KEY (tenant_id, purpose),
  CONSTRAINT tenant_key_purpose_check CHECK (purpose IN ('seal', 'index', 'mac'))
);
COMMENT ON TABLE encryption.tenant_key IS 'Keysets of a tenant, wrapped by the root keyset';
COMMENT ON COLUMN encryption.tenant_key.purpose IS 'seal wraps data keys and seals what belongs to no person, index makes blind indexes, mac makes authentication codes';
COMMENT ON COLUMN encryption.tenant_key.created_at IS 'Database clock. A key older than the reading transaction is known to be committed and may be cached';
SELECT platform.protect('encryption.tenant_key');
REVOKE DELETE ON encryption.tenant_key FROM digit_app;

CREATE TABLE encryption.person_key (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  person_id uuid NOT NULL,
  wrapped bytea,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  forgotten_at timestamptz,
  CONSTRAINT person_key_pkey PRIMARY KEY (tenant_id, person_id),
  CONSTRAINT person_key_forgotten_check CHECK ((wrapped IS NULL) = (forgotten_at IS NOT NULL))
);
COMMENT ON TABLE encryption.person_key IS 'One data key a person, wrapped by the tenant''s seal keyset. Forgetting a person destroys the key and leaves the row, so that none is made anew';
SELECT platform.protect('encryption.person_key');
REVOKE DELETE ON encryption.person_key FROM digit_app;

CREATE TABLE encryption.signing_key (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  kid text NOT NULL,
  owner text NOT NULL,
  status text NOT NULL DEFAULT 'active',
  public_jwk jsonb NOT NULL,
  wrapped bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT signing_key_pkey PRIMARY KEY (tenant_id, kid),
  CONSTRAINT signing_key_status_check CHECK (status IN ('active', 'retired', 'revoked'))
);
COMMENT ON TABLE encryption.signing_key IS 'ES256 keys by which agencies sign; the private part is wrapped by the tenant''s seal keyset';
COMMENT ON COLUMN encryption.signing_key.kid IS 'RFC 7638 thumbprint of the public key';
COMMENT ON COLUMN encryption.signing_key.owner IS 'Code of the agency that signs with it';
COMMENT ON COLUMN encryption.signing_key.status IS 'active signs; retired only verifies; revoked does neither';
CREATE UNIQUE INDEX signing_key_active_key ON encryption.signing_key (tenant_id, owner) WHERE status = 'active';
CREATE INDEX signing_key_owner_idx ON encryption.signing_key (tenant_id, owner);
SELECT platform.protect('encryption.signing_key');
REVOKE DELETE ON encryption.signing_key FROM digit_app;
