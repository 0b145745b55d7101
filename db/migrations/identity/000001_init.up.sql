CREATE SCHEMA identity;
COMMENT ON SCHEMA identity IS 'People and staff: how they prove who they are, and what they may do';
GRANT USAGE ON SCHEMA identity TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA identity GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE identity.account (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  kind text NOT NULL,
  name bytea NOT NULL,
  lang text NOT NULL,
  status text NOT NULL DEFAULT 'active',
  created_at timestamptz NOT NULL,
  CONSTRAINT account_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT account_kind_check CHECK (kind IN ('person', 'staff')),
  CONSTRAINT account_status_check CHECK (status IN ('active', 'suspended'))
);
COMMENT ON TABLE identity.account IS 'Somebody who can sign in. One human being who is a citizen and a clerk has two';
COMMENT ON COLUMN identity.account.name IS 'Sealed for the account';
CREATE INDEX account_kind_idx ON identity.account (tenant_id, kind, id);
SELECT platform.protect('identity.account');

CREATE TABLE identity.name_token (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  token bytea NOT NULL,
  account_id uuid NOT NULL,
  CONSTRAINT name_token_pkey PRIMARY KEY (tenant_id, token, account_id),
  CONSTRAINT name_token_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES identity.account (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE identity.name_token IS 'Blind indexes of the beginnings of the words of staff names, by which colleagues are found. Citizens are not in it';
CREATE INDEX name_token_account_id_idx ON identity.name_token (tenant_id, account_id);
SELECT platform.protect('identity.name_token');

CREATE TABLE identity.contact (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  account_id uuid NOT NULL,
  kind text NOT NULL,
  channel text NOT NULL,
  address bytea NOT NULL,
  address_index bytea NOT NULL,
  verified_at timestamptz,
  created_at timestamptz NOT NULL,
  CONSTRAINT contact_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT contact_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES identity.account (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT contact_address_key UNIQUE (tenant_id, kind, address_index),
  CONSTRAINT contact_kind_check CHECK (kind IN ('person', 'staff')),
  CONSTRAINT contact_channel_check CHECK (channel IN ('sms', 'email'))
);
COMMENT ON TABLE identity.contact IS 'Addresses by which an account is reached and proves itself';
COMMENT ON COLUMN identity.contact.kind IS 'Kind of the account: a clerk may be a citizen under the same address';
COMMENT ON COLUMN identity.contact.address IS 'Sealed for the account: E.164 or e-mail';
COMMENT ON COLUMN identity.contact.address_index IS 'Blind index of channel and normalised address';
COMMENT ON COLUMN identity.contact.verified_at IS 'When the account proved that it is reached there';
CREATE INDEX contact_account_id_idx ON identity.contact (tenant_id, account_id);
SELECT platform.protect('identity.contact');

CREATE TABLE identity.code (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  kind text NOT NULL,
  channel text NOT NULL,
  address bytea NOT NULL,
  address_index bytea NOT NULL,
  ip_index bytea NOT NULL,
  lang text NOT NULL,
  mac bytea NOT NULL,
  tries smallint NOT NULL DEFAULT 0,
  expires_at timestamptz NOT NULL,
  asked_at timestamptz NOT NULL,
  used_at timestamptz,
  CONSTRAINT code_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT code_kind_check CHECK (kind IN ('person', 'staff')),
  CONSTRAINT code_channel_check CHECK (channel IN ('sms', 'email'))
);
COMMENT ON TABLE identity.code IS 'One-time codes sent to an address. Known and unknown addresses have the same rows';
COMMENT ON COLUMN identity.code.address IS 'Sealed with the tenant''s key, for the account made at the first success';
COMMENT ON COLUMN identity.code.mac IS 'Authentication code of the code; the code itself is kept nowhere';
COMMENT ON COLUMN identity.code.expires_at IS 'Tenant''s clock';
COMMENT ON COLUMN identity.code.asked_at IS 'Machine''s clock: limits are not outwitted by time travel';
CREATE INDEX code_address_idx ON identity.code (tenant_id, address_index, asked_at);
CREATE INDEX code_ip_idx ON identity.code (tenant_id, ip_index, asked_at);
CREATE INDEX code_asked_at_idx ON identity.code (tenant_id, asked_at);
SELECT platform.protect('identity.code');

CREATE TABLE identity.session (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  account_id uuid NOT NULL,
  token_hash bytea NOT NULL,
  method text NOT NULL,
  ip bytea NOT NULL,
  created_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  idle_until timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  CONSTRAINT session_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT session_token_key UNIQUE (tenant_id, token_hash),
  CONSTRAINT session_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES identity.account (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT session_method_check CHECK (method IN ('sms', 'email', 'federated'))
);
COMMENT ON TABLE identity.session IS 'Sign-ins that last. All times are the machine''s: time travel signs nobody out';
COMMENT ON COLUMN identity.session.token_hash IS 'SHA-256 of the token, which only the browser has';
COMMENT ON COLUMN identity.session.ip IS 'Where from, sealed for the account, so that its owner can tell his own sign-ins from others''';
CREATE INDEX session_account_id_idx ON identity.session (tenant_id, account_id);
CREATE INDEX session_expires_at_idx ON identity.session (tenant_id, expires_at);
SELECT platform.protect('identity.session');

CREATE TABLE identity.role (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  code text NOT NULL,
  name jsonb NOT NULL,
  permissions text[] NOT NULL,
  changed_at timestamptz NOT NULL,
  CONSTRAINT role_pkey PRIMARY KEY (tenant_id, code),
  CONSTRAINT role_code_check CHECK (code ~ '^[a-z][a-z0-9-]{1,62}$')
);
COMMENT ON TABLE identity.role IS 'Named sets of permissions';
SELECT platform.protect('identity.role');

CREATE TABLE identity.role_grant (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  account_id uuid NOT NULL,
  role text NOT NULL,
  agency text NOT NULL,
  boundary text NOT NULL,
  valid_from timestamptz,
  valid_until timestamptz,
  granted_at timestamptz NOT NULL,
  granted_by uuid,
  CONSTRAINT role_grant_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT role_grant_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES identity.account (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT role_grant_role_fkey FOREIGN KEY (tenant_id, role) REFERENCES identity.role (tenant_id, code),
  CONSTRAINT role_grant_key UNIQUE (tenant_id, account_id, role, agency, boundary),
  CONSTRAINT role_grant_validity_check CHECK (valid_from < valid_until)
);
COMMENT ON TABLE identity.role_grant IS 'Who holds which role where and when';
COMMENT ON COLUMN identity.role_grant.agency IS 'Code of the agency; empty for the whole tenant';
COMMENT ON COLUMN identity.role_grant.boundary IS 'Code of the area; empty for all';
COMMENT ON COLUMN identity.role_grant.valid_from IS 'Tenant''s clock, like valid_until, which is excluded';
CREATE INDEX role_grant_role_idx ON identity.role_grant (tenant_id, role);
SELECT platform.protect('identity.role_grant');

CREATE TABLE identity.provider (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  code text NOT NULL,
  name jsonb NOT NULL,
  issuer text NOT NULL,
  client_id text NOT NULL,
  client_secret bytea NOT NULL,
  authorize_url text NOT NULL,
  token_url text NOT NULL,
  keys_url text NOT NULL,
  scopes text[] NOT NULL,
  people boolean NOT NULL,
  staff boolean NOT NULL,
  staff_by_email boolean NOT NULL,
  enabled boolean NOT NULL,
  changed_at timestamptz NOT NULL,
  CONSTRAINT provider_pkey PRIMARY KEY (tenant_id, code),
  CONSTRAINT provider_code_check CHECK (code ~ '^[a-z][a-z0-9-]{1,62}$')
);
COMMENT ON TABLE identity.provider IS 'OpenID providers by which one may sign in';
COMMENT ON COLUMN identity.provider.client_secret IS 'Sealed with the tenant''s key';
COMMENT ON COLUMN identity.provider.staff_by_email IS 'A verified e-mail from here signs in the staff account that an administrator entered with it';
SELECT platform.protect('identity.provider');

CREATE TABLE identity.federated (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  provider text NOT NULL,
  kind text NOT NULL,
  subject_index bytea NOT NULL,
  account_id uuid NOT NULL,
  linked_at timestamptz NOT NULL,
  CONSTRAINT federated_pkey PRIMARY KEY (tenant_id, provider, kind, subject_index),
  CONSTRAINT federated_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES identity.account (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT federated_provider_fkey FOREIGN KEY (tenant_id, provider) REFERENCES identity.provider (tenant_id, code)
);
COMMENT ON TABLE identity.federated IS 'Which account somebody has whom an OpenID provider knows';
COMMENT ON COLUMN identity.federated.subject_index IS 'Blind index of issuer and subject';
CREATE INDEX federated_account_id_idx ON identity.federated (tenant_id, account_id);
SELECT platform.protect('identity.federated');

CREATE TABLE identity.federation_state (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  state_hash bytea NOT NULL,
  provider text NOT NULL,
  staff boolean NOT NULL,
  callback text NOT NULL,
  nonce text NOT NULL,
  verifier bytea NOT NULL,
  asked_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  CONSTRAINT federation_state_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT federation_state_key UNIQUE (tenant_id, state_hash),
  CONSTRAINT federation_state_provider_fkey FOREIGN KEY (tenant_id, provider) REFERENCES identity.provider (tenant_id, code)
);
COMMENT ON TABLE identity.federation_state IS 'Sign-ins under way at a provider; each is deleted when it comes back. Times are the machine''s';
COMMENT ON COLUMN identity.federation_state.verifier IS 'PKCE code verifier, sealed with the tenant''s key';
CREATE INDEX federation_state_provider_idx ON identity.federation_state (tenant_id, provider);
CREATE INDEX federation_state_expires_at_idx ON identity.federation_state (tenant_id, expires_at);
SELECT platform.protect('identity.federation_state');
