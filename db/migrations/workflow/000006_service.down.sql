DROP INDEX workflow.instance_service_idx;
