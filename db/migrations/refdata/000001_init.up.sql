CREATE SCHEMA refdata;
GRANT USAGE ON SCHEMA refdata TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA refdata GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE refdata.boundary (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  code text NOT NULL CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$'),
  parent text NOT NULL DEFAULT '',
  level text NOT NULL CHECK (level <> ''),
  name jsonb NOT NULL,
  path text[] NOT NULL CHECK (cardinality(path) > 0),
  position integer NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, code)
);
SELECT platform.protect('refdata.boundary');
CREATE INDEX boundary_parent_idx ON refdata.boundary (tenant_id, parent, position, code);
CREATE INDEX boundary_level_idx ON refdata.boundary (tenant_id, level, position, code);
COMMENT ON TABLE refdata.boundary IS 'The tree of places: country, island group, municipality, parish';
COMMENT ON COLUMN refdata.boundary.parent IS 'Code of the place around it; empty at the root';
COMMENT ON COLUMN refdata.boundary.path IS 'Codes from the root to this place, itself included; computed when a place is put';

CREATE TABLE refdata.code_list (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  code text NOT NULL CHECK (code <> ''),
  name jsonb NOT NULL,
  PRIMARY KEY (tenant_id, code)
);
SELECT platform.protect('refdata.code_list');
COMMENT ON TABLE refdata.code_list IS 'Lists of codes that forms choose from: kinds of trade, kinds of document';

CREATE TABLE refdata.code (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  list text NOT NULL,
  code text NOT NULL CHECK (code <> ''),
  name jsonb NOT NULL,
  position integer NOT NULL DEFAULT 0,
  active boolean NOT NULL DEFAULT true,
  PRIMARY KEY (tenant_id, list, code),
  CONSTRAINT code_list_fkey FOREIGN KEY (tenant_id, list) REFERENCES refdata.code_list (tenant_id, code)
);
SELECT platform.protect('refdata.code');
COMMENT ON TABLE refdata.code IS 'The codes of the lists';
COMMENT ON COLUMN refdata.code.active IS 'False: no longer offered, kept so that what was answered can still be named';

CREATE TABLE refdata.number_format (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  code text NOT NULL CHECK (code ~ '^[a-z0-9][a-z0-9._-]*$'),
  pattern text NOT NULL,
  PRIMARY KEY (tenant_id, code)
);
SELECT platform.protect('refdata.number_format');
COMMENT ON TABLE refdata.number_format IS 'Named patterns of human numbers, such as REC-{yyyy}-{seq:6}';

CREATE TABLE refdata.counter (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  format text NOT NULL,
  year integer NOT NULL,
  last bigint NOT NULL CHECK (last > 0),
  PRIMARY KEY (tenant_id, format, year)
);
SELECT platform.protect('refdata.counter');
COMMENT ON TABLE refdata.counter IS 'The last number given out by format and year: a row, not a sequence, so that a rollback leaves no gap';
COMMENT ON COLUMN refdata.counter.year IS 'Year in the tenant''s zone; 0 for a pattern without a year';

CREATE TABLE refdata.holiday (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  day date NOT NULL,
  name jsonb NOT NULL,
  PRIMARY KEY (tenant_id, day)
);
SELECT platform.protect('refdata.holiday');
COMMENT ON TABLE refdata.holiday IS 'Days on which offices are closed';

CREATE TABLE refdata.opening (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  weekday smallint NOT NULL CHECK (weekday BETWEEN 0 AND 6),
  opens smallint NOT NULL CHECK (opens >= 0),
  closes smallint NOT NULL CHECK (closes <= 1440),
  CONSTRAINT opening_order_check CHECK (opens < closes),
  PRIMARY KEY (tenant_id, weekday, opens)
);
SELECT platform.protect('refdata.opening');
COMMENT ON TABLE refdata.opening IS 'Opening hours of offices; without a row, Monday to Friday 08:00 to 16:00 holds';
COMMENT ON COLUMN refdata.opening.weekday IS '0 is Sunday';
COMMENT ON COLUMN refdata.opening.opens IS 'Minutes after midnight in the tenant''s zone';
COMMENT ON COLUMN refdata.opening.closes IS 'Minutes after midnight in the tenant''s zone';
