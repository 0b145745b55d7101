ALTER TABLE refdata.boundary DROP COLUMN active;
