ALTER TABLE profile.person
  ADD COLUMN stopped text[] NOT NULL DEFAULT '{}',
  DROP CONSTRAINT person_channels_check,
  DROP CONSTRAINT person_reminders_check,
  ADD CONSTRAINT person_channels_check CHECK (channels <@ ARRAY['sms', 'email', 'whatsapp']),
  ADD CONSTRAINT person_reminders_check CHECK (reminders <@ ARRAY['sms', 'email', 'whatsapp']),
  ADD CONSTRAINT person_stopped_check CHECK (stopped <@ ARRAY['sms', 'email', 'whatsapp']);
COMMENT ON COLUMN profile.person.stopped IS 'By which ways nothing is told until the person wishes it again: they answered STOP there';
