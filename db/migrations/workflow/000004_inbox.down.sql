DROP INDEX workflow.instance_received_idx;
DROP INDEX workflow.instance_open_idx;
CREATE INDEX instance_open_idx ON workflow.instance (tenant_id, agency, role, due_key, id) WHERE kind IN ('work', 'field');
