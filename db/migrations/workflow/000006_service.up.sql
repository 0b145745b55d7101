-- A list of one service of many reads its own stretch, in the order of the list.
CREATE INDEX instance_service_idx ON workflow.instance (tenant_id, agency, role, service, due_key, id) INCLUDE (state, assignee, boundary_path) WHERE kind IN ('work', 'field');
