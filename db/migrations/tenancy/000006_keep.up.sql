ALTER TABLE tenancy.setting
  ADD COLUMN kept_decided_years integer NOT NULL DEFAULT 5, ADD CONSTRAINT setting_kept_decided_years_check CHECK (kept_decided_years BETWEEN 1 AND 100),
  ADD COLUMN kept_paid_years integer NOT NULL DEFAULT 10, ADD CONSTRAINT setting_kept_paid_years_check CHECK (kept_paid_years BETWEEN 5 AND 100);
COMMENT ON COLUMN tenancy.setting.kept_decided_years IS 'For how many years what was decided stays although its person is erased, so that it can be contested and checked';
COMMENT ON COLUMN tenancy.setting.kept_paid_years IS 'For how many years what was paid for stays although its person is erased, for the books of the state';
