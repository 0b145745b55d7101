CREATE SCHEMA exchange;
GRANT USAGE ON SCHEMA exchange TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA exchange GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE exchange.route (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  service    text        NOT NULL,
  agency     text        NOT NULL,
  endpoint   text        NOT NULL,
  key_id     uuid        NOT NULL,
  key        bytea,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, service)
);
COMMENT ON TABLE exchange.route IS 'Directory: which provider answers for a service, and where';
COMMENT ON COLUMN exchange.route.endpoint IS 'local: a provider in this process; otherwise the URL of a foreign agency';
COMMENT ON COLUMN exchange.route.key IS 'Sealed: the secret shared with a foreign agency, by which both sign their messages';
SELECT platform.protect('exchange.route');

CREATE TABLE exchange.message (
  tenant_id    uuid        NOT NULL DEFAULT platform.current_tenant(),
  id           uuid        NOT NULL,
  direction    text        NOT NULL CHECK (direction IN ('request', 'response')),
  kind         text        NOT NULL,
  service      text        NOT NULL,
  request_id   uuid        NOT NULL,
  person_id    uuid        NOT NULL,
  agency       text        NOT NULL,
  foreign_id   text,
  payload      bytea       NOT NULL,
  status       text        NOT NULL CHECK (status IN ('queued', 'delivered', 'failed')),
  failure      text,
  sent_at      timestamptz NOT NULL,
  delivered_at timestamptz,
  seq          bigint      GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE exchange.message IS 'Service requests on their way to a provider and responses on their way back, in order per request';
COMMENT ON COLUMN exchange.message.payload IS 'Sealed under the person''s key';
COMMENT ON COLUMN exchange.message.foreign_id IS 'Id given by a foreign agency, by which a message that comes again is known';
COMMENT ON COLUMN exchange.message.seq IS 'Order of sending, which the clocks of several machines would not tell';
CREATE INDEX message_queued_idx ON exchange.message (tenant_id, request_id, direction, seq) WHERE status = 'queued';
CREATE UNIQUE INDEX message_foreign_key ON exchange.message (tenant_id, agency, foreign_id) WHERE foreign_id IS NOT NULL;
SELECT platform.protect('exchange.message');
