CREATE TABLE request.rating (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  id         uuid        NOT NULL,
  request_id uuid        NOT NULL,
  service    text        NOT NULL,
  agency     text        NOT NULL,
  stars      smallint    NOT NULL CHECK (stars BETWEEN 1 AND 5),
  good       text[]      NOT NULL,
  bad        text[]      NOT NULL,
  words      bytea,
  rated_at   timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT rating_request_fkey FOREIGN KEY (tenant_id, request_id) REFERENCES request.request (tenant_id, id)
);
COMMENT ON TABLE request.rating IS 'How a person found the service after the decision: one for each request';
COMMENT ON COLUMN request.rating.id IS 'The only name under which figures know of it: once the row is gone, they belong to nobody';
COMMENT ON COLUMN request.rating.good IS 'What was good: information, form, time, staff, news, reasons';
COMMENT ON COLUMN request.rating.bad IS 'What could be better, of the same list';
COMMENT ON COLUMN request.rating.words IS 'Sealed under the person''s key; empty where they wrote nothing';
CREATE UNIQUE INDEX rating_request_key ON request.rating (tenant_id, request_id);
CREATE INDEX rating_remark_idx ON request.rating (tenant_id, id) WHERE words IS NOT NULL;
SELECT platform.protect('request.rating');
