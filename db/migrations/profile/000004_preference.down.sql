ALTER TABLE profile.person DROP COLUMN reminders, DROP COLUMN quiet_from, DROP COLUMN quiet_to;
