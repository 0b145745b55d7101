ALTER TABLE refdata.code DROP COLUMN attributes;
