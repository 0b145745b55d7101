-- What staff did in a stretch of time, for figures about steps and reasons: without it they would read the history of all years.
CREATE INDEX transition_staff_idx ON workflow.transition (tenant_id, at, instance_id) INCLUDE (from_state, actor_id, action, working) WHERE cause = 'staff';
