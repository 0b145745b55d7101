CREATE SCHEMA channel;
GRANT USAGE ON SCHEMA channel TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA channel GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE channel.talk (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  channel text NOT NULL CHECK (channel IN ('sms', 'whatsapp', 'ussd')),
  number_index bytea NOT NULL,
  person_id uuid,
  lang text NOT NULL,
  body bytea NOT NULL,
  proved_at timestamptz,
  stopped_at timestamptz,
  heard_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
SELECT platform.protect('channel.talk');
CREATE UNIQUE INDEX talk_number_key ON channel.talk (tenant_id, channel, number_index);
CREATE INDEX talk_person_idx ON channel.talk (tenant_id, person_id, id) WHERE person_id IS NOT NULL;
CREATE INDEX talk_nobody_idx ON channel.talk (tenant_id, id) WHERE person_id IS NULL;
COMMENT ON TABLE channel.talk IS 'Conversations with telephone numbers, one a channel';
COMMENT ON COLUMN channel.talk.person_id IS 'Who proved to be at the number; null until then';
COMMENT ON COLUMN channel.talk.body IS 'The number and where the conversation stands, sealed with the person''s key (the tenant''s without a person)';
COMMENT ON COLUMN channel.talk.proved_at IS 'When the number was last proved to be the person''s';
COMMENT ON COLUMN channel.talk.stopped_at IS 'Since when nothing is said any more, until the number begins again';

CREATE TABLE channel.heard (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  talk_id uuid NOT NULL,
  person_id uuid,
  ref bytea NOT NULL,
  body bytea NOT NULL,
  taken boolean NOT NULL DEFAULT false,
  heard_at timestamptz NOT NULL,
  answered_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT heard_talk_fkey FOREIGN KEY (tenant_id, talk_id) REFERENCES channel.talk (tenant_id, id) ON DELETE CASCADE
);
SELECT platform.protect('channel.heard');
CREATE UNIQUE INDEX heard_ref_key ON channel.heard (tenant_id, talk_id, ref);
CREATE INDEX heard_person_idx ON channel.heard (tenant_id, person_id, id) WHERE person_id IS NOT NULL;
CREATE INDEX heard_nobody_idx ON channel.heard (tenant_id, id) WHERE person_id IS NULL;
COMMENT ON TABLE channel.heard IS 'What was written to us, each message of a provider once; gone after eight days';
COMMENT ON COLUMN channel.heard.ref IS 'Digest of the provider''s own name for the message';
COMMENT ON COLUMN channel.heard.body IS 'What was written and what was answered, sealed as the conversation was then';
COMMENT ON COLUMN channel.heard.taken IS 'What was written has moved the conversation: never again';

CREATE TABLE channel.ticket (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  token_hash bytea NOT NULL,
  talk_id uuid NOT NULL,
  person_id uuid NOT NULL,
  request_id uuid NOT NULL,
  place text NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT ticket_talk_fkey FOREIGN KEY (tenant_id, talk_id) REFERENCES channel.talk (tenant_id, id) ON DELETE CASCADE
);
SELECT platform.protect('channel.ticket');
CREATE UNIQUE INDEX ticket_token_key ON channel.ticket (tenant_id, token_hash);
CREATE INDEX ticket_talk_idx ON channel.ticket (tenant_id, talk_id);
COMMENT ON TABLE channel.ticket IS 'Links by which somebody in a conversation hands a file in, once';
COMMENT ON COLUMN channel.ticket.place IS 'Where the file goes among the answers: photo, identity.passport, members.2.photo';
