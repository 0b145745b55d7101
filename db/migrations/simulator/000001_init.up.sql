CREATE SCHEMA simulator;
GRANT USAGE ON SCHEMA simulator TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA simulator GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE FUNCTION simulator.refuse_production() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM platform.tenant t WHERE t.id = NEW.tenant_id AND t.kind IN ('demo', 'sandbox')) THEN
    RAISE EXCEPTION 'the simulator serves demonstration and sandbox tenants only' USING ERRCODE = 'check_violation', CONSTRAINT = 'simulator_production_check';
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION simulator.refuse_production() IS 'No simulated thing may stand among the real ones of a production tenant';

CREATE TABLE simulator.message (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  channel text NOT NULL CHECK (channel IN ('sms', 'email')),
  address bytea NOT NULL,
  address_index bytea NOT NULL,
  subject bytea,
  text bytea NOT NULL,
  lang text NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
SELECT platform.protect('simulator.message');
CREATE INDEX message_channel_idx ON simulator.message (tenant_id, channel, id DESC);
CREATE INDEX message_address_idx ON simulator.message (tenant_id, address_index, id DESC);
COMMENT ON TABLE simulator.message IS 'Phones and mailboxes of the simulated world; sealed with the tenant''s key';
COMMENT ON COLUMN simulator.message.id IS 'Id of the message at its sender: delivered twice is received once';

CREATE TABLE simulator.charge (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  reference text NOT NULL CHECK (reference <> ''),
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  currency char(3) NOT NULL,
  description text NOT NULL,
  return_url text NOT NULL,
  webhook_url text NOT NULL,
  status text NOT NULL CHECK (status IN ('open', 'processing', 'paid', 'failed', 'disputed')),
  failure text NOT NULL DEFAULT '',
  card_last4 text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  settled_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
SELECT platform.protect('simulator.charge');
CREATE UNIQUE INDEX charge_reference_key ON simulator.charge (tenant_id, reference);
CREATE INDEX charge_created_idx ON simulator.charge (tenant_id, id DESC);
COMMENT ON TABLE simulator.charge IS 'Card payments at the simulated provider';
COMMENT ON COLUMN simulator.charge.reference IS 'The merchant''s own reference: the same one gives the same charge';

CREATE TABLE simulator.person (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  subject text NOT NULL CHECK (subject <> ''),
  claims bytea NOT NULL,
  staff boolean NOT NULL DEFAULT false,
  PRIMARY KEY (tenant_id, id)
);
SELECT platform.protect('simulator.person');
CREATE UNIQUE INDEX person_subject_key ON simulator.person (tenant_id, subject);
COMMENT ON TABLE simulator.person IS 'Invented people who can sign in at the simulated identity provider';
COMMENT ON COLUMN simulator.person.claims IS 'Name, e-mail address and phone number, sealed with the tenant''s key';

CREATE TABLE simulator.auth_code (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  hash bytea NOT NULL,
  client_id text NOT NULL,
  redirect_uri text NOT NULL,
  subject text NOT NULL,
  nonce text NOT NULL,
  challenge text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, hash)
);
SELECT platform.protect('simulator.auth_code');
CREATE INDEX auth_code_expires_idx ON simulator.auth_code (tenant_id, expires_at);
COMMENT ON TABLE simulator.auth_code IS 'Authorization codes of the simulated identity provider; deleted when redeemed';
COMMENT ON COLUMN simulator.auth_code.expires_at IS 'Real time';

CREATE TABLE simulator.foreign_case (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  agency text NOT NULL,
  service text NOT NULL,
  reference text NOT NULL,
  request bytea NOT NULL,
  status text NOT NULL CHECK (status IN ('open', 'answered', 'withdrawn')),
  outcome text NOT NULL DEFAULT '',
  answer bytea,
  received_at timestamptz NOT NULL,
  answered_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
SELECT platform.protect('simulator.foreign_case');
CREATE INDEX foreign_case_status_idx ON simulator.foreign_case (tenant_id, status, id DESC);
COMMENT ON TABLE simulator.foreign_case IS 'Cases at an agency that has a system of its own';
COMMENT ON COLUMN simulator.foreign_case.request IS 'The request as it came, sealed with the tenant''s key';
COMMENT ON COLUMN simulator.foreign_case.answer IS 'The signed answer, sealed with the tenant''s key, until it is delivered and after';

CREATE TRIGGER refuse_production BEFORE INSERT OR UPDATE ON simulator.message FOR EACH ROW EXECUTE FUNCTION simulator.refuse_production();
CREATE TRIGGER refuse_production BEFORE INSERT OR UPDATE ON simulator.charge FOR EACH ROW EXECUTE FUNCTION simulator.refuse_production();
CREATE TRIGGER refuse_production BEFORE INSERT OR UPDATE ON simulator.person FOR EACH ROW EXECUTE FUNCTION simulator.refuse_production();
CREATE TRIGGER refuse_production BEFORE INSERT OR UPDATE ON simulator.auth_code FOR EACH ROW EXECUTE FUNCTION simulator.refuse_production();
CREATE TRIGGER refuse_production BEFORE INSERT OR UPDATE ON simulator.foreign_case FOR EACH ROW EXECUTE FUNCTION simulator.refuse_production();
