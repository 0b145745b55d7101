-- What more is known of an OpenID provider, and what it is trusted for.
ALTER TABLE identity.provider
  ADD COLUMN discovery boolean NOT NULL DEFAULT false,
  ADD COLUMN userinfo_url text NOT NULL DEFAULT '',
  ADD COLUMN end_session_url text NOT NULL DEFAULT '',
  ADD COLUMN token_auth text NOT NULL DEFAULT 'basic',
  ADD COLUMN iss_required boolean NOT NULL DEFAULT false,
  ADD COLUMN acr text[] NOT NULL DEFAULT '{}',
  ADD COLUMN levels jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN trust_email boolean NOT NULL DEFAULT true, -- as it was until now; new ones say for themselves
  ADD COLUMN create_people boolean NOT NULL DEFAULT true,
  ADD COLUMN create_staff boolean NOT NULL DEFAULT false,
  ADD COLUMN checked_at timestamptz,
  ADD COLUMN problem text NOT NULL DEFAULT '',
  ADD CONSTRAINT provider_token_auth_check CHECK (token_auth IN ('basic', 'post'));
ALTER TABLE identity.provider ALTER COLUMN trust_email SET DEFAULT false;
COMMENT ON COLUMN identity.provider.discovery IS 'The addresses are asked for at the issuer, every hour; otherwise they are entered by hand';
COMMENT ON COLUMN identity.provider.iss_required IS 'The provider names itself in its answers (RFC 9207), so that one without a name is refused';
COMMENT ON COLUMN identity.provider.acr IS 'Authentication context classes asked for, the best liked first';
COMMENT ON COLUMN identity.provider.levels IS 'Which level of sign-in (1, 2) a value of acr or amr stands for';
COMMENT ON COLUMN identity.provider.trust_email IS 'An e-mail or telephone number that the provider calls verified counts as verified here';
COMMENT ON COLUMN identity.provider.create_staff IS 'Staff whom a rule gives a role get an account at their first sign-in';
COMMENT ON COLUMN identity.provider.checked_at IS 'When the issuer was last asked, by the machine''s clock; problem says what went wrong then';

-- A sign-in under way may be there to link the provider to somebody who is signed in.
ALTER TABLE identity.federation_state ADD COLUMN account_id uuid;
ALTER TABLE identity.federation_state ADD CONSTRAINT federation_state_account_id_fkey
  FOREIGN KEY (tenant_id, account_id) REFERENCES identity.account (tenant_id, id) ON DELETE CASCADE;
CREATE INDEX federation_state_account_id_idx ON identity.federation_state (tenant_id, account_id);
COMMENT ON COLUMN identity.federation_state.account_id IS 'Whose account is to be linked; null for a sign-in';

ALTER TABLE identity.federated ADD COLUMN used_at timestamptz;
COMMENT ON COLUMN identity.federated.used_at IS 'Last sign-in by this link';

CREATE TABLE identity.federated_session (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  session_id uuid NOT NULL,
  source text NOT NULL,
  subject_index bytea NOT NULL,
  sid_index bytea,
  acr text NOT NULL,
  level smallint NOT NULL,
  auth_at timestamptz,
  CONSTRAINT federated_session_pkey PRIMARY KEY (tenant_id, session_id),
  CONSTRAINT federated_session_session_id_fkey FOREIGN KEY (tenant_id, session_id) REFERENCES identity.session (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT federated_session_source_check CHECK (source ~ '^(provider|directory):[a-z][a-z0-9-]{1,62}$'),
  CONSTRAINT federated_session_level_check CHECK (level IN (1, 2))
);
COMMENT ON TABLE identity.federated_session IS 'Which sessions stand on a sign-in elsewhere, and what was said of it there';
COMMENT ON COLUMN identity.federated_session.source IS 'provider:<code> or directory:<code>';
COMMENT ON COLUMN identity.federated_session.sid_index IS 'Blind index of the provider''s own session, which its back-channel logout names';
COMMENT ON COLUMN identity.federated_session.auth_at IS 'When the provider saw the person, if it says so';
CREATE INDEX federated_session_subject_idx ON identity.federated_session (tenant_id, source, subject_index);
CREATE INDEX federated_session_sid_idx ON identity.federated_session (tenant_id, source, sid_index);
SELECT platform.protect('identity.federated_session');

ALTER TABLE identity.half_sign_in ADD COLUMN voucher jsonb NOT NULL DEFAULT 'null';
COMMENT ON COLUMN identity.half_sign_in.voucher IS 'What the session is to stand on whose first factor was proved elsewhere, as in federated_session';

CREATE TABLE identity.logout_token (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  provider text NOT NULL,
  token_index bytea NOT NULL,
  expires_at timestamptz NOT NULL,
  CONSTRAINT logout_token_pkey PRIMARY KEY (tenant_id, provider, token_index),
  CONSTRAINT logout_token_provider_fkey FOREIGN KEY (tenant_id, provider) REFERENCES identity.provider (tenant_id, code) ON DELETE CASCADE
);
COMMENT ON TABLE identity.logout_token IS 'Back-channel logouts that were heard, so that none is heard twice (jti)';
CREATE INDEX logout_token_expires_at_idx ON identity.logout_token (tenant_id, expires_at);
SELECT platform.protect('identity.logout_token');

CREATE TABLE identity.grant_rule (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  source text NOT NULL,
  condition text NOT NULL,
  role text NOT NULL,
  agency text NOT NULL,
  boundary text NOT NULL,
  changed_at timestamptz NOT NULL,
  CONSTRAINT grant_rule_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT grant_rule_source_check CHECK (source ~ '^(provider|directory):[a-z][a-z0-9-]{1,62}$'),
  CONSTRAINT grant_rule_role_fkey FOREIGN KEY (tenant_id, role) REFERENCES identity.role (tenant_id, code)
);
COMMENT ON TABLE identity.grant_rule IS 'Which role follows from what a provider or a directory says of somebody';
COMMENT ON COLUMN identity.grant_rule.condition IS 'CEL, over claims (providers) or attributes and groups (directories)';
CREATE INDEX grant_rule_source_idx ON identity.grant_rule (tenant_id, source, id);
CREATE INDEX grant_rule_role_idx ON identity.grant_rule (tenant_id, role);
SELECT platform.protect('identity.grant_rule');

CREATE TABLE identity.staff_door (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  local text NOT NULL,
  changed_at timestamptz NOT NULL,
  CONSTRAINT staff_door_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT staff_door_local_check CHECK (local IN ('allowed', 'emergency'))
);
COMMENT ON TABLE identity.staff_door IS 'Whether staff may sign in here, or only through a provider or directory; one row at most, none for allowed';
COMMENT ON COLUMN identity.staff_door.local IS 'allowed, or emergency: for emergency accounts alone';
SELECT platform.protect('identity.staff_door');

ALTER TABLE identity.account
  ADD COLUMN emergency boolean NOT NULL DEFAULT false,
  ADD COLUMN suspended_by text NOT NULL DEFAULT '',
  ADD CONSTRAINT account_emergency_check CHECK (NOT emergency OR kind = 'staff');
COMMENT ON COLUMN identity.account.emergency IS 'May sign in here when every other door is shut (break-glass); everybody who administers hears of it';
COMMENT ON COLUMN identity.account.suspended_by IS 'What suspended the account and may restore it (directory:<code>); empty where somebody did';
