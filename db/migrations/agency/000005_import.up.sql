CREATE TABLE agency.import (
  tenant_id   uuid        NOT NULL DEFAULT platform.current_tenant(),
  id          uuid        NOT NULL,
  agency      text        NOT NULL,
  kind        text        NOT NULL CHECK (kind IN ('offices', 'positions', 'staff')),
  state       text        NOT NULL CHECK (state IN ('checked', 'applying', 'applied', 'undoing', 'undone', 'discarded')),
  file_id     uuid,
  imported_by uuid,
  created_at  timestamptz NOT NULL,
  finished_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT import_agency_fkey FOREIGN KEY (tenant_id, agency) REFERENCES agency.agency (tenant_id, code)
);
COMMENT ON TABLE agency.import IS 'Tables of offices, positions or staff that somebody took in from a spreadsheet';
COMMENT ON COLUMN agency.import.file_id IS 'Sealed content of the table in document, until it is removed';
COMMENT ON COLUMN agency.import.imported_by IS 'Account in identity, as whom each row is done and undone';
CREATE INDEX import_agency_idx ON agency.import (tenant_id, agency, id);
SELECT platform.protect('agency.import');

CREATE TABLE agency.import_row (
  tenant_id  uuid    NOT NULL DEFAULT platform.current_tenant(),
  import_id  uuid    NOT NULL,
  number     integer NOT NULL,
  seq        integer NOT NULL,
  verdict    text    NOT NULL CHECK (verdict IN ('new', 'changed', 'unchanged', 'wrong')),
  state      text    NOT NULL CHECK (state IN ('none', 'pending', 'done', 'failed', 'undone', 'kept')),
  columns    text[]  NOT NULL,
  problems   jsonb   NOT NULL,
  object     text    NOT NULL,
  account_id uuid,
  before     jsonb,
  after      jsonb,
  PRIMARY KEY (tenant_id, import_id, number),
  CONSTRAINT import_row_import_fkey FOREIGN KEY (tenant_id, import_id) REFERENCES agency.import (tenant_id, id)
);
COMMENT ON TABLE agency.import_row IS 'What became of each row of a table; it holds no personal data, which is in the sealed content alone';
COMMENT ON COLUMN agency.import_row.number IS 'In the spreadsheet, whose head is row 1';
COMMENT ON COLUMN agency.import_row.seq IS 'Order in which rows are done: what others refer to comes first';
COMMENT ON COLUMN agency.import_row.state IS 'none: there is nothing to do; kept: it could not be undone';
COMMENT ON COLUMN agency.import_row.columns IS 'Columns that differ from what stands';
COMMENT ON COLUMN agency.import_row.problems IS 'What is wrong, or why it failed or was kept: path, code and arguments';
COMMENT ON COLUMN agency.import_row.object IS 'Code of the office or position';
COMMENT ON COLUMN agency.import_row.before IS 'What stood before the row was done; empty for nothing';
COMMENT ON COLUMN agency.import_row.after IS 'What the row made of it';
CREATE INDEX import_row_state_idx ON agency.import_row (tenant_id, import_id, state, seq);
SELECT platform.protect('agency.import_row');
