CREATE TABLE exchange.provider (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  code       text        NOT NULL CHECK (code ~ '^[a-z][a-z0-9-]{0,39}$'),
  name       text        NOT NULL CHECK (name <> ''),
  agency     text        NOT NULL,
  endpoint   text        NOT NULL,
  jwks_url   text        NOT NULL DEFAULT '',
  state      text        NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended')),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  fetched_at timestamptz,
  tested_at  timestamptz,
  test       text        NOT NULL DEFAULT '' CHECK (test IN ('', 'running', 'ok', 'failed')),
  problem    text        NOT NULL DEFAULT '',
  detail     text        NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, code)
);
COMMENT ON TABLE exchange.provider IS 'Systems of others that provide services: where they are, and how they stand';
COMMENT ON COLUMN exchange.provider.agency IS 'For which agency it provides; by whose key what is sent to it is signed';
COMMENT ON COLUMN exchange.provider.jwks_url IS 'Where it publishes its keys; empty: they are entered by hand';
COMMENT ON COLUMN exchange.provider.state IS 'suspended: nothing is sent to it and nothing of it is taken in; messages wait';
COMMENT ON COLUMN exchange.provider.fetched_at IS 'When its keys were last fetched; machine''s clock';
COMMENT ON COLUMN exchange.provider.tested_at IS 'When the connection was last tested, or the test begun; machine''s clock';
COMMENT ON COLUMN exchange.provider.problem IS 'Why the test failed, in a word';
COMMENT ON COLUMN exchange.provider.detail IS 'What the other side answered then: a status';
SELECT platform.protect('exchange.provider');

CREATE TABLE exchange.provider_key (
  tenant_id uuid        NOT NULL DEFAULT platform.current_tenant(),
  provider  text        NOT NULL,
  kid       text        NOT NULL,
  jwk       jsonb       NOT NULL,
  fetched   boolean     NOT NULL,
  added_at  timestamptz NOT NULL,
  until     timestamptz,
  PRIMARY KEY (tenant_id, provider, kid),
  CONSTRAINT provider_key_provider_fkey FOREIGN KEY (tenant_id, provider) REFERENCES exchange.provider (tenant_id, code)
);
COMMENT ON TABLE exchange.provider_key IS 'Public keys by which what a provider sends is verified';
COMMENT ON COLUMN exchange.provider_key.kid IS 'RFC 7638 thumbprint';
COMMENT ON COLUMN exchange.provider_key.fetched IS 'From its JWKS address; goes when it is no longer there';
COMMENT ON COLUMN exchange.provider_key.until IS 'Believed until then, while another takes its place; machine''s clock';
SELECT platform.protect('exchange.provider_key');

ALTER TABLE exchange.route ADD COLUMN provider text NOT NULL DEFAULT '';
COMMENT ON COLUMN exchange.route.provider IS 'Code of the registered provider that answers for the service, before the endpoint; empty: the endpoint does';

ALTER TABLE exchange.message
  ADD COLUMN provider text NOT NULL DEFAULT '',
  ADD COLUMN attempts integer NOT NULL DEFAULT 0,
  ADD COLUMN problem text NOT NULL DEFAULT '';
COMMENT ON COLUMN exchange.message.provider IS 'To or from which registered provider';
COMMENT ON COLUMN exchange.message.attempts IS 'How often it was tried in vain';
COMMENT ON COLUMN exchange.message.problem IS 'What went wrong the last time: a status or a word, never content';
CREATE INDEX message_provider_idx ON exchange.message (tenant_id, provider, id) WHERE provider <> '';
