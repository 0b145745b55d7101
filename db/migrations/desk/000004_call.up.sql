CREATE TABLE desk.call (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  agency text NOT NULL,
  office text NOT NULL,
  person_id uuid NOT NULL,
  way text NOT NULL CHECK (way IN ('phone_in', 'phone_out', 'counter')),
  outcome text NOT NULL CHECK (outcome IN ('answered', 'follow_up', 'not_reached')),
  reference text NOT NULL DEFAULT '',
  text bytea NOT NULL,
  by_id uuid NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
SELECT platform.protect('desk.call');
CREATE INDEX call_person_idx ON desk.call (tenant_id, person_id, id DESC);
CREATE INDEX call_office_idx ON desk.call (tenant_id, agency, office, id DESC);
COMMENT ON TABLE desk.call IS 'Notes of what people asked by telephone or at the counter, and what came of it';
COMMENT ON COLUMN desk.call.text IS 'Sealed with the person''s key';
