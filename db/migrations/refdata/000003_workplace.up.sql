-- Each agency and office may have a calendar of its own beside the state's: its days and hours in place of those above.
-- While the version before runs beside this one, it knows the state's calendar alone.
ALTER TABLE refdata.holiday
  ADD COLUMN calendar text NOT NULL DEFAULT 'state' CHECK (calendar ~ '^(state|agency:[^:]+|office:[^:]+:[^:]+)$'),
  ADD COLUMN hours text NOT NULL DEFAULT '',
  DROP CONSTRAINT holiday_pkey,
  ADD PRIMARY KEY (tenant_id, calendar, day);
COMMENT ON TABLE refdata.holiday IS 'Days on which offices are closed, or open at other hours than usual';
COMMENT ON COLUMN refdata.holiday.calendar IS 'Whose day it is: state, agency:code or office:agency:code';
COMMENT ON COLUMN refdata.holiday.hours IS 'When work is done on this day, in place of the usual hours: 08:00-12:00, 13:00-15:00; empty: closed';

ALTER TABLE refdata.opening
  ADD COLUMN calendar text NOT NULL DEFAULT 'state' CHECK (calendar ~ '^(state|agency:[^:]+|office:[^:]+:[^:]+)$'),
  ADD COLUMN nth smallint NOT NULL DEFAULT 0 CHECK (nth BETWEEN 0 AND 31),
  DROP CONSTRAINT opening_pkey,
  ADD PRIMARY KEY (tenant_id, calendar, weekday, opens, nth);
COMMENT ON TABLE refdata.opening IS 'Opening hours. Without a row, an office has those of its agency, an agency those of the state, and the state Monday to Friday 08:00 to 16:00';
COMMENT ON COLUMN refdata.opening.calendar IS 'Whose hours they are: state, agency:code or office:agency:code';
COMMENT ON COLUMN refdata.opening.nth IS 'On which ones of the weekday in a month, the first as bit 0; 0: on every one';
