ALTER TABLE refdata.boundary ADD COLUMN active boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN refdata.boundary.active IS 'False: no longer offered, kept so that what was answered can still be named';
