ALTER TABLE orchestration.opinion ADD COLUMN asked_by uuid;
COMMENT ON COLUMN orchestration.opinion.asked_by IS 'Who of the staff acted when it was asked; nobody where the case came there by itself or by the citizen';
