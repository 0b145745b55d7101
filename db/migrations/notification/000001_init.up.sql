CREATE SCHEMA notification;
GRANT USAGE ON SCHEMA notification TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA notification GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE notification.provider (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  channel text NOT NULL CHECK (channel IN ('sms', 'email')),
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind <> ''),
  settings bytea NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, channel)
);
SELECT platform.protect('notification.provider');
COMMENT ON TABLE notification.provider IS 'Who carries the messages of a channel';
COMMENT ON COLUMN notification.provider.kind IS 'Kind of the carrier: simulator, smtp';
COMMENT ON COLUMN notification.provider.settings IS 'Sealed with the tenant''s key, since passwords are in it';

CREATE TABLE notification.message (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  person_id uuid,
  channel text NOT NULL CHECK (channel IN ('sms', 'email')),
  address bytea NOT NULL,
  subject bytea,
  text bytea NOT NULL,
  lang text NOT NULL,
  purpose text NOT NULL CHECK (purpose <> ''),
  once text,
  related_id uuid,
  status text NOT NULL CHECK (status IN ('waiting', 'queued', 'sent', 'failed')),
  tries integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
  carrier text NOT NULL DEFAULT '',
  carrier_ref text NOT NULL DEFAULT '',
  problem text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  finished_at timestamptz,
  CONSTRAINT message_finished_check CHECK ((status IN ('sent', 'failed')) = (finished_at IS NOT NULL)),
  PRIMARY KEY (tenant_id, id)
);
SELECT platform.protect('notification.message');
CREATE UNIQUE INDEX message_once_key ON notification.message (tenant_id, once) WHERE once IS NOT NULL;
CREATE INDEX message_person_idx ON notification.message (tenant_id, person_id, id DESC) WHERE person_id IS NOT NULL;
CREATE INDEX message_related_idx ON notification.message (tenant_id, related_id, id DESC) WHERE related_id IS NOT NULL;
CREATE INDEX message_status_idx ON notification.message (tenant_id, status, channel, id);
COMMENT ON TABLE notification.message IS 'Messages to people and how far they came';
COMMENT ON COLUMN notification.message.address IS 'Phone number or e-mail address, sealed with the person''s key (the tenant''s without a person), as are subject and text';
COMMENT ON COLUMN notification.message.once IS 'The same key is sent once';
COMMENT ON COLUMN notification.message.status IS 'waiting: no provider yet; queued; sent: taken by the carrier; failed: given up';
COMMENT ON COLUMN notification.message.problem IS 'Code of the last failure; never the carrier''s text, which may quote the address';
