CREATE SCHEMA profile;
COMMENT ON SCHEMA profile IS 'What people tell about themselves once, to use it everywhere';
GRANT USAGE ON SCHEMA profile TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA profile GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE profile.person (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  account_id uuid NOT NULL,
  name bytea NOT NULL,
  lang text NOT NULL,
  boundary text NOT NULL,
  channels text[] NOT NULL,
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  CONSTRAINT person_pkey PRIMARY KEY (tenant_id, account_id),
  CONSTRAINT person_channels_check CHECK (channels <@ ARRAY['sms', 'email'])
);
COMMENT ON TABLE profile.person IS 'One row a person who uses services';
COMMENT ON COLUMN profile.person.account_id IS 'The account in identity, and the person by whose key the name is sealed';
COMMENT ON COLUMN profile.person.boundary IS 'Code of the area in which the person lives; empty where not told';
COMMENT ON COLUMN profile.person.channels IS 'By which ways the person wants to be told of news; empty for none but the page';
SELECT platform.protect('profile.person');
