CREATE TABLE agency.position (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  agency     text        NOT NULL,
  code       text        NOT NULL CHECK (code <> ''),
  title      jsonb       NOT NULL,
  office     text,
  boundary   text        NOT NULL,
  roles      text[]      NOT NULL,
  reports_to text,
  seats      integer     NOT NULL CHECK (seats > 0),
  closed     boolean     NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, agency, code),
  CONSTRAINT position_agency_fkey FOREIGN KEY (tenant_id, agency) REFERENCES agency.agency (tenant_id, code),
  CONSTRAINT position_office_fkey FOREIGN KEY (tenant_id, agency, office) REFERENCES agency.office (tenant_id, agency, code),
  CONSTRAINT position_reports_to_fkey FOREIGN KEY (tenant_id, agency, reports_to) REFERENCES agency.position (tenant_id, agency, code),
  CONSTRAINT position_self_check CHECK (reports_to <> code)
);
COMMENT ON TABLE agency.position IS 'Positions of an agency with the roles they carry; whoever holds one has its roles for that time';
COMMENT ON COLUMN agency.position.title IS 'By language';
COMMENT ON COLUMN agency.position.boundary IS 'Code of the area in which its roles count; empty: everywhere';
COMMENT ON COLUMN agency.position.roles IS 'Codes of identity''s roles';
COMMENT ON COLUMN agency.position.reports_to IS 'The position above it in the same agency; there are no circles';
COMMENT ON COLUMN agency.position.seats IS 'How many may hold it at a time';
CREATE INDEX position_office_idx ON agency.position (tenant_id, agency, office);
CREATE INDEX position_reports_to_idx ON agency.position (tenant_id, agency, reports_to);
SELECT platform.protect('agency.position');

CREATE TABLE agency.holding (
  tenant_id   uuid        NOT NULL DEFAULT platform.current_tenant(),
  id          uuid        NOT NULL,
  agency      text        NOT NULL,
  position    text        NOT NULL,
  account_id  uuid        NOT NULL,
  valid_from  timestamptz NOT NULL,
  valid_until timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT holding_position_fkey FOREIGN KEY (tenant_id, agency, position) REFERENCES agency.position (tenant_id, agency, code),
  CONSTRAINT holding_time_check CHECK (valid_from < valid_until)
);
COMMENT ON TABLE agency.holding IS 'Who holds a position from when until when. What is over stays for the record';
COMMENT ON COLUMN agency.holding.account_id IS 'Account in identity';
COMMENT ON COLUMN agency.holding.valid_from IS 'Tenant''s clock, like valid_until, which is excluded; empty: until it is vacated';
CREATE INDEX holding_position_idx ON agency.holding (tenant_id, agency, position, valid_from);
CREATE INDEX holding_account_id_idx ON agency.holding (tenant_id, account_id);
SELECT platform.protect('agency.holding');
