ALTER TABLE tenancy.setting DROP COLUMN staff_named;
