CREATE SCHEMA agency;
GRANT USAGE ON SCHEMA agency TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA agency GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE agency.agency (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  code       text        NOT NULL CHECK (code <> ''),
  name       jsonb       NOT NULL,
  purpose    jsonb       NOT NULL,
  boundary   text        NOT NULL,
  email      text        NOT NULL,
  phone      text        NOT NULL,
  closed     boolean     NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, code)
);
COMMENT ON TABLE agency.agency IS 'Agencies that provide public services';
COMMENT ON COLUMN agency.agency.name IS 'By language';
COMMENT ON COLUMN agency.agency.purpose IS 'What the agency does, in a sentence, by language';
COMMENT ON COLUMN agency.agency.boundary IS 'Code of the area it is responsible for; empty: the whole state';
COMMENT ON COLUMN agency.agency.closed IS 'A closed agency takes no new staff and stays for the record';
SELECT platform.protect('agency.agency');

CREATE TABLE agency.office (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  agency     text        NOT NULL,
  code       text        NOT NULL CHECK (code <> ''),
  name       jsonb       NOT NULL,
  boundary   text        NOT NULL,
  address    text        NOT NULL,
  hours      jsonb       NOT NULL,
  email      text        NOT NULL,
  phone      text        NOT NULL,
  closed     boolean     NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, agency, code),
  CONSTRAINT office_agency_fkey FOREIGN KEY (tenant_id, agency) REFERENCES agency.agency (tenant_id, code)
);
COMMENT ON TABLE agency.office IS 'Offices of agencies, where people can go';
COMMENT ON COLUMN agency.office.hours IS 'When it is open, in words, by language';
CREATE INDEX office_boundary_idx ON agency.office (tenant_id, boundary);
SELECT platform.protect('agency.office');

CREATE TABLE agency.staff (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  account_id uuid        NOT NULL,
  agency     text        NOT NULL,
  office     text,
  title      jsonb       NOT NULL,
  since      timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, account_id, agency),
  CONSTRAINT staff_agency_fkey FOREIGN KEY (tenant_id, agency) REFERENCES agency.agency (tenant_id, code),
  CONSTRAINT staff_office_fkey FOREIGN KEY (tenant_id, agency, office) REFERENCES agency.office (tenant_id, agency, code)
);
COMMENT ON TABLE agency.staff IS 'Who works in which agency and office; what they may do is identity''s business';
COMMENT ON COLUMN agency.staff.account_id IS 'Account in identity';
COMMENT ON COLUMN agency.staff.title IS 'Job title, by language';
CREATE INDEX staff_office_idx ON agency.staff (tenant_id, agency, office);
SELECT platform.protect('agency.staff');
