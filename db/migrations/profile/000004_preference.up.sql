ALTER TABLE profile.person
  ADD COLUMN reminders text[] NOT NULL DEFAULT ARRAY['sms', 'email'],
  ADD COLUMN quiet_from int NOT NULL DEFAULT 0,
  ADD COLUMN quiet_to int NOT NULL DEFAULT 0,
  ADD CONSTRAINT person_reminders_check CHECK (reminders <@ ARRAY['sms', 'email']),
  ADD CONSTRAINT person_quiet_check CHECK (quiet_from BETWEEN 0 AND 23 AND quiet_to BETWEEN 0 AND 23);
COMMENT ON COLUMN profile.person.reminders IS 'By which ways the person wants to be reminded of what they have begun; empty for none';
COMMENT ON COLUMN profile.person.quiet_from IS 'Hour of the tenant''s clock from which nothing is sent; with quiet_to the same, there is none';
COMMENT ON COLUMN profile.person.quiet_to IS 'Hour until which nothing is sent';
