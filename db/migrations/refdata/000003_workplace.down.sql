DELETE FROM refdata.holiday WHERE calendar <> 'state';
ALTER TABLE refdata.holiday DROP COLUMN calendar, DROP COLUMN hours, ADD PRIMARY KEY (tenant_id, day);
DELETE FROM refdata.opening WHERE calendar <> 'state' OR nth <> 0;
ALTER TABLE refdata.opening DROP COLUMN calendar, DROP COLUMN nth, ADD PRIMARY KEY (tenant_id, weekday, opens);
