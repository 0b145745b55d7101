CREATE SCHEMA analytics;
GRANT USAGE ON SCHEMA analytics TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA analytics GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE analytics.daily (
  tenant_id       uuid   NOT NULL DEFAULT platform.current_tenant(),
  agency          text   NOT NULL,
  day             date   NOT NULL,
  service         text   NOT NULL,
  boundary        text   NOT NULL,
  received        bigint NOT NULL DEFAULT 0 CHECK (received >= 0),
  decided         bigint NOT NULL DEFAULT 0 CHECK (decided >= 0),
  approved        bigint NOT NULL DEFAULT 0 CHECK (approved >= 0),
  rejected        bigint NOT NULL DEFAULT 0 CHECK (rejected >= 0),
  withdrawn       bigint NOT NULL DEFAULT 0 CHECK (withdrawn >= 0),
  kept            bigint NOT NULL DEFAULT 0 CHECK (kept >= 0),
  overdue         bigint NOT NULL DEFAULT 0 CHECK (overdue >= 0),
  moved           bigint NOT NULL DEFAULT 0 CHECK (moved >= 0),
  working_seconds bigint NOT NULL DEFAULT 0 CHECK (working_seconds >= 0),
  PRIMARY KEY (tenant_id, agency, day, service, boundary),
  CONSTRAINT daily_outcome_check CHECK (approved + rejected + withdrawn = decided AND kept <= decided)
);
COMMENT ON TABLE analytics.daily IS 'How many cases were received, moved and decided on a day of the tenant''s zone, by agency, service and area';
COMMENT ON COLUMN analytics.daily.boundary IS 'Code of the case''s area; empty where it has none';
COMMENT ON COLUMN analytics.daily.kept IS 'Decided within the promised time';
COMMENT ON COLUMN analytics.daily.overdue IS 'Promises that passed on that day';
COMMENT ON COLUMN analytics.daily.moved IS 'Steps from one state to another';
COMMENT ON COLUMN analytics.daily.working_seconds IS 'Working time of the cases decided on that day, pauses not counted; divided by decided it is their average';
SELECT platform.protect('analytics.daily');

CREATE TABLE analytics.revenue (
  tenant_id  uuid    NOT NULL DEFAULT platform.current_tenant(),
  agency     text    NOT NULL,
  day        date    NOT NULL,
  service    text    NOT NULL,
  boundary   text    NOT NULL,
  currency   char(3) NOT NULL,
  payments   bigint  NOT NULL DEFAULT 0 CHECK (payments >= 0),
  paid_minor bigint  NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, agency, day, service, boundary, currency)
);
COMMENT ON TABLE analytics.revenue IS 'What was paid for cases on a day of the tenant''s zone, by agency, service, area and currency';
COMMENT ON COLUMN analytics.revenue.paid_minor IS 'Sum in minor units of the currency';
SELECT platform.protect('analytics.revenue');

CREATE TABLE analytics.applied (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  event_id   uuid        NOT NULL,
  applied_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, event_id)
);
COMMENT ON TABLE analytics.applied IS 'Events that are counted already: one that is told again changes nothing';
SELECT platform.protect('analytics.applied');
