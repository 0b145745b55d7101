-- How somebody proved who they are, and when they did last: what a session says of itself.
ALTER TABLE identity.session
  ADD COLUMN methods text[] NOT NULL DEFAULT '{}',
  ADD COLUMN level smallint NOT NULL DEFAULT 1,
  ADD COLUMN authenticated_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN device bytea,
  ADD CONSTRAINT session_level_check CHECK (level IN (1, 2)),
  ADD CONSTRAINT session_methods_check CHECK (methods <@ ARRAY['sms', 'email', 'federated', 'password', 'totp', 'recovery', 'passkey']);
UPDATE identity.session SET methods = ARRAY[method], authenticated_at = created_at;
ALTER TABLE identity.session DROP COLUMN method;
COMMENT ON COLUMN identity.session.methods IS 'By what its owner proved himself, in the order in which it happened';
COMMENT ON COLUMN identity.session.level IS 'Authenticator assurance level of NIST SP 800-63B: 2 where two factors were proved';
COMMENT ON COLUMN identity.session.authenticated_at IS 'When the owner last proved himself: at the sign-in, or later when something that reaches far asked for it';
COMMENT ON COLUMN identity.session.device IS 'Browser and system in a few words, sealed for the account';

ALTER TABLE identity.code
  ADD COLUMN purpose text NOT NULL DEFAULT 'sign_in',
  ADD COLUMN account_id uuid,
  ADD CONSTRAINT code_purpose_check CHECK (purpose IN ('sign_in', 'confirm', 'contact')),
  ADD CONSTRAINT code_account_id_check CHECK ((purpose = 'sign_in') = (account_id IS NULL)),
  ADD CONSTRAINT code_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES identity.account (tenant_id, id) ON DELETE CASCADE;
COMMENT ON COLUMN identity.code.purpose IS 'To sign in, to confirm that it is still oneself, or to prove a new address; a code is good for nothing else';
COMMENT ON COLUMN identity.code.account_id IS 'Who asked for it while signed in; nobody where it is to sign in';
CREATE INDEX code_account_id_idx ON identity.code (tenant_id, account_id);

CREATE TABLE identity.password (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  account_id uuid NOT NULL,
  hash bytea NOT NULL,
  long boolean NOT NULL,
  set_at timestamptz NOT NULL,
  CONSTRAINT password_pkey PRIMARY KEY (tenant_id, account_id),
  CONSTRAINT password_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES identity.account (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE identity.password IS 'Passwords of those who chose to have one';
COMMENT ON COLUMN identity.password.hash IS 'Argon2id with its parameters, sealed with the tenant''s key: the database alone is no use for guessing';
COMMENT ON COLUMN identity.password.long IS 'Whether it has the 15 characters that let it stand alone; a shorter one was set where a second factor is asked for';
COMMENT ON COLUMN identity.password.set_at IS 'Machine''s clock';
SELECT platform.protect('identity.password');

CREATE TABLE identity.passkey (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  account_id uuid NOT NULL,
  credential_id bytea NOT NULL,
  credential bytea NOT NULL,
  host text NOT NULL,
  name bytea NOT NULL,
  created_at timestamptz NOT NULL,
  used_at timestamptz,
  suspect_at timestamptz,
  CONSTRAINT passkey_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT passkey_credential_id_key UNIQUE (tenant_id, credential_id),
  CONSTRAINT passkey_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES identity.account (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE identity.passkey IS 'WebAuthn credentials by which an account signs in';
COMMENT ON COLUMN identity.passkey.credential_id IS 'Random, made by the authenticator for this account alone';
COMMENT ON COLUMN identity.passkey.credential IS 'Public key, counter and flags, sealed for the account';
COMMENT ON COLUMN identity.passkey.host IS 'Relying party: the host under which it was made, and the only one under which it can be used';
COMMENT ON COLUMN identity.passkey.name IS 'What its owner calls it, sealed for the account';
COMMENT ON COLUMN identity.passkey.suspect_at IS 'When its counter went backwards, as that of a copy does; it signs nobody in from then on';
CREATE INDEX passkey_account_id_idx ON identity.passkey (tenant_id, account_id);
SELECT platform.protect('identity.passkey');

CREATE TABLE identity.ceremony (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  purpose text NOT NULL,
  account_id uuid,
  data jsonb NOT NULL,
  expires_at timestamptz NOT NULL,
  CONSTRAINT ceremony_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT ceremony_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES identity.account (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT ceremony_purpose_check CHECK (purpose IN ('sign_in', 'confirm', 'register')),
  CONSTRAINT ceremony_account_id_check CHECK ((purpose = 'sign_in') = (account_id IS NULL))
);
COMMENT ON TABLE identity.ceremony IS 'Challenges that a passkey is to sign; each is deleted when it comes back. Times are the machine''s';
CREATE INDEX ceremony_account_id_idx ON identity.ceremony (tenant_id, account_id);
CREATE INDEX ceremony_expires_at_idx ON identity.ceremony (tenant_id, expires_at);
SELECT platform.protect('identity.ceremony');

CREATE TABLE identity.totp (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  account_id uuid NOT NULL,
  secret bytea NOT NULL,
  last_step bigint NOT NULL DEFAULT 0,
  begun_at timestamptz NOT NULL,
  confirmed_at timestamptz,
  used_at timestamptz,
  CONSTRAINT totp_pkey PRIMARY KEY (tenant_id, account_id),
  CONSTRAINT totp_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES identity.account (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE identity.totp IS 'Authenticator apps (RFC 6238). Times are the machine''s, as the apps'' are';
COMMENT ON COLUMN identity.totp.secret IS 'Sealed for the account';
COMMENT ON COLUMN identity.totp.last_step IS 'Last 30-second step whose code was taken; neither it nor an earlier one is taken again';
COMMENT ON COLUMN identity.totp.confirmed_at IS 'When a first code proved that the app has the secret; until then it counts for nothing';
SELECT platform.protect('identity.totp');

CREATE TABLE identity.recovery_code (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  account_id uuid NOT NULL,
  mac bytea NOT NULL,
  made_at timestamptz NOT NULL,
  used_at timestamptz,
  CONSTRAINT recovery_code_pkey PRIMARY KEY (tenant_id, account_id, mac),
  CONSTRAINT recovery_code_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES identity.account (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE identity.recovery_code IS 'Codes on paper for who has lost the second factor; each is good once';
COMMENT ON COLUMN identity.recovery_code.mac IS 'Authentication code of account and code; the code itself is kept nowhere';
SELECT platform.protect('identity.recovery_code');

CREATE TABLE identity.half_sign_in (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  token_hash bytea NOT NULL,
  account_id uuid NOT NULL,
  method text NOT NULL,
  expires_at timestamptz NOT NULL,
  CONSTRAINT half_sign_in_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT half_sign_in_token_key UNIQUE (tenant_id, token_hash),
  CONSTRAINT half_sign_in_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES identity.account (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT half_sign_in_method_check CHECK (method IN ('sms', 'email', 'federated', 'password'))
);
COMMENT ON TABLE identity.half_sign_in IS 'Sign-ins of which the first factor is proved and the second is awaited. Times are the machine''s';
COMMENT ON COLUMN identity.half_sign_in.token_hash IS 'SHA-256 of the token, which only the browser has';
CREATE INDEX half_sign_in_account_id_idx ON identity.half_sign_in (tenant_id, account_id);
CREATE INDEX half_sign_in_expires_at_idx ON identity.half_sign_in (tenant_id, expires_at);
SELECT platform.protect('identity.half_sign_in');

CREATE TABLE identity.attempt (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  kind text NOT NULL,
  subject_index bytea NOT NULL,
  failures integer NOT NULL,
  since timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  blocked_until timestamptz,
  CONSTRAINT attempt_pkey PRIMARY KEY (tenant_id, kind, subject_index),
  CONSTRAINT attempt_kind_check CHECK (kind IN ('password', 'totp', 'recovery'))
);
COMMENT ON TABLE identity.attempt IS 'How often something was guessed wrongly, for every account and every address that is none. Times are the machine''s';
COMMENT ON COLUMN identity.attempt.subject_index IS 'Blind index of the account, or of the address typed where no account has it';
COMMENT ON COLUMN identity.attempt.since IS 'Begin of the window in which failures were counted';
CREATE INDEX attempt_seen_at_idx ON identity.attempt (tenant_id, seen_at);
SELECT platform.protect('identity.attempt');

CREATE TABLE identity.device (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  account_id uuid NOT NULL,
  token_hash bytea NOT NULL,
  first_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  CONSTRAINT device_pkey PRIMARY KEY (tenant_id, account_id, token_hash),
  CONSTRAINT device_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES identity.account (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE identity.device IS 'Browsers in which an account has signed in before. It lets nobody in: it tells which sign-ins are worth a message';
COMMENT ON COLUMN identity.device.token_hash IS 'SHA-256 of a random token, which only the browser has';
CREATE INDEX device_seen_at_idx ON identity.device (tenant_id, seen_at);
SELECT platform.protect('identity.device');
