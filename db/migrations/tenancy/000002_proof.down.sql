ALTER TABLE tenancy.setting DROP COLUMN staff_second_factor, DROP COLUMN approval_step_up_over;
