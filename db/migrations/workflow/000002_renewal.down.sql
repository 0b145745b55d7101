REVOKE UPDATE (comment) ON workflow.transition FROM digit_app;
DROP INDEX workflow.instance_person_idx;
