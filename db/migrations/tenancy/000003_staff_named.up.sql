ALTER TABLE tenancy.setting ADD COLUMN staff_named boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN tenancy.setting.staff_named IS 'Whether people who ask who looked at their data are told the officer''s name, or the office and the post alone';
