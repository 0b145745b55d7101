UPDATE profile.person SET channels = array_remove(channels, 'whatsapp'), reminders = array_remove(reminders, 'whatsapp');
ALTER TABLE profile.person
  DROP COLUMN stopped,
  DROP CONSTRAINT person_channels_check,
  DROP CONSTRAINT person_reminders_check,
  ADD CONSTRAINT person_channels_check CHECK (channels <@ ARRAY['sms', 'email']),
  ADD CONSTRAINT person_reminders_check CHECK (reminders <@ ARRAY['sms', 'email']);
