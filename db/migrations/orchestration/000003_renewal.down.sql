REVOKE UPDATE (reason) ON orchestration.decision FROM digit_app;
DROP INDEX orchestration.application_person_idx;
