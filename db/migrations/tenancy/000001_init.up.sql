CREATE SCHEMA tenancy;
COMMENT ON SCHEMA tenancy IS 'What a tenant is called, speaks, pays in and looks like. The directory of tenants is platform.tenant';
GRANT USAGE ON SCHEMA tenancy TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA tenancy GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE tenancy.setting (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  name jsonb NOT NULL,
  tagline jsonb NOT NULL,
  languages text[] NOT NULL,
  default_language text NOT NULL,
  currency char(3) NOT NULL,
  zone text NOT NULL,
  phone_region char(2) NOT NULL,
  accent text NOT NULL,
  contact_email text NOT NULL,
  contact_phone text NOT NULL,
  changed_at timestamptz NOT NULL,
  CONSTRAINT setting_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT setting_language_check CHECK (default_language = ANY (languages))
);
COMMENT ON TABLE tenancy.setting IS 'One row a tenant';
COMMENT ON COLUMN tenancy.setting.zone IS 'IANA time zone in which the tenant''s days begin';
COMMENT ON COLUMN tenancy.setting.phone_region IS 'ISO 3166-1 country whose telephone numbers need no prefix';
COMMENT ON COLUMN tenancy.setting.accent IS '#rrggbb';
COMMENT ON COLUMN tenancy.setting.contact_email IS 'Of the authority, not of a person';
SELECT platform.protect('tenancy.setting');
