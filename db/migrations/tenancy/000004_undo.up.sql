ALTER TABLE tenancy.setting ADD COLUMN undo_seconds integer NOT NULL DEFAULT 60,
  ADD CONSTRAINT setting_undo_seconds_check CHECK (undo_seconds BETWEEN 0 AND 600);
COMMENT ON COLUMN tenancy.setting.undo_seconds IS 'How long a decision can be undone before it takes effect; 0: it takes effect at once';
