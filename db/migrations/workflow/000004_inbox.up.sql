-- The pile of a role carries what counting looks at, so that counts need not visit the rows; and it can be read by age as well as by due time.
DROP INDEX workflow.instance_open_idx;
CREATE INDEX instance_open_idx ON workflow.instance (tenant_id, agency, role, due_key, id) INCLUDE (service, state, assignee, boundary_path) WHERE kind IN ('work', 'field');
CREATE INDEX instance_received_idx ON workflow.instance (tenant_id, agency, role, started_at, id) WHERE kind IN ('work', 'field');
