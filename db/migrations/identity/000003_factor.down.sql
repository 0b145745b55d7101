DROP TABLE identity.device, identity.attempt, identity.half_sign_in, identity.recovery_code, identity.totp, identity.ceremony, identity.passkey, identity.password;
ALTER TABLE identity.code DROP COLUMN purpose, DROP COLUMN account_id;
ALTER TABLE identity.session ADD COLUMN method text NOT NULL DEFAULT 'federated', ADD CONSTRAINT session_method_check CHECK (method IN ('sms', 'email', 'federated'));
UPDATE identity.session SET method = methods[1] WHERE methods[1] IN ('sms', 'email');
ALTER TABLE identity.session ALTER COLUMN method DROP DEFAULT, DROP COLUMN methods, DROP COLUMN level, DROP COLUMN authenticated_at, DROP COLUMN device;
