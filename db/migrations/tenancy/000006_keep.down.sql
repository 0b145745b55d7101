ALTER TABLE tenancy.setting DROP COLUMN kept_decided_years, DROP COLUMN kept_paid_years;
