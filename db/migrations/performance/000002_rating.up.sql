CREATE TABLE performance.rating (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  id         uuid        NOT NULL,
  agency     text        NOT NULL,
  service    text        NOT NULL,
  stars      smallint    NOT NULL CHECK (stars BETWEEN 1 AND 5),
  good       text[]      NOT NULL,
  bad        text[]      NOT NULL,
  rated_at   timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  changed_by uuid        NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE performance.rating IS 'How people found services after a decision, without who they are and what they wrote';
COMMENT ON COLUMN performance.rating.changed_by IS 'The event that the stars are from; with changed_at it keeps an older event from overwriting a newer';
CREATE INDEX rating_rated_idx ON performance.rating (tenant_id, rated_at);
SELECT platform.protect('performance.rating');
