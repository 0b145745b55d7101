ALTER TABLE tenancy.setting
  ADD COLUMN staff_second_factor text NOT NULL DEFAULT 'optional',
  ADD COLUMN approval_step_up_over bigint,
  ADD CONSTRAINT setting_staff_second_factor_check CHECK (staff_second_factor IN ('optional', 'required')),
  ADD CONSTRAINT setting_approval_step_up_over_check CHECK (approval_step_up_over >= 0);
COMMENT ON COLUMN tenancy.setting.staff_second_factor IS 'Whether staff must prove two factors before they can work';
COMMENT ON COLUMN tenancy.setting.approval_step_up_over IS 'Paid fee, in minor units of the currency, from which a decision asks for a fresh proof of who decides; NULL for never';
