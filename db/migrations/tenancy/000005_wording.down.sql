DROP TABLE tenancy.wording_change;
DROP TABLE tenancy.wording_act;
DROP TABLE tenancy.wording;
DROP TABLE tenancy.language;
ALTER TABLE tenancy.setting DROP COLUMN wording;
