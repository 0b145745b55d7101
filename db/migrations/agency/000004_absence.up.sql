CREATE TABLE agency.absence (
  tenant_id   uuid        NOT NULL DEFAULT platform.current_tenant(),
  id          uuid        NOT NULL,
  agency      text        NOT NULL,
  account_id  uuid        NOT NULL,
  stand_in    uuid,
  valid_from  timestamptz NOT NULL,
  valid_until timestamptz NOT NULL,
  state       text        NOT NULL CHECK (state IN ('asked', 'confirmed', 'refused', 'withdrawn')),
  asked_by    uuid,
  asked_at    timestamptz NOT NULL,
  decided_by  uuid,
  decided_at  timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT absence_agency_fkey FOREIGN KEY (tenant_id, agency) REFERENCES agency.agency (tenant_id, code),
  CONSTRAINT absence_stand_in_check CHECK (stand_in <> account_id),
  CONSTRAINT absence_time_check CHECK (valid_from < valid_until)
);
COMMENT ON TABLE agency.absence IS 'Who of an agency is away from when until when, and who stands in. What is over stays for the record';
COMMENT ON COLUMN agency.absence.account_id IS 'Account in identity, like stand_in, asked_by and decided_by';
COMMENT ON COLUMN agency.absence.stand_in IS 'Who has the roles of the positions that account_id holds for that time; empty: nobody';
COMMENT ON COLUMN agency.absence.valid_from IS 'Tenant''s clock, like valid_until, which is excluded';
COMMENT ON COLUMN agency.absence.state IS 'asked: counts once it is confirmed';
CREATE INDEX absence_agency_idx ON agency.absence (tenant_id, agency, valid_until);
CREATE INDEX absence_account_id_idx ON agency.absence (tenant_id, account_id, valid_until);
CREATE INDEX absence_stand_in_idx ON agency.absence (tenant_id, stand_in, valid_until);
SELECT platform.protect('agency.absence');
