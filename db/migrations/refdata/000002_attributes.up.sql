ALTER TABLE refdata.code ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN refdata.code.attributes IS 'What rules of services may read of a code, by name; "of" is the code, or area, of an earlier answer that it belongs to';
