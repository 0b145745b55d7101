CREATE INDEX application_person_idx ON orchestration.application (tenant_id, person_id, id);
-- A decision is never changed; under another key it says the same.
GRANT UPDATE (reason) ON orchestration.decision TO digit_app;
