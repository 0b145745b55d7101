ALTER TABLE document.file
  ADD COLUMN scan       text        NOT NULL DEFAULT 'none' CHECK (scan IN ('none', 'waiting', 'clean', 'infected')),
  ADD COLUMN scanned_at timestamptz,
  ADD COLUMN finding    text        NOT NULL DEFAULT '';
COMMENT ON COLUMN document.file.scan IS 'none: made here, or taken where no scanner was set up; waiting: nobody may read it yet; infected: its content is gone';
COMMENT ON COLUMN document.file.finding IS 'What the scanner calls the malicious software it found';
