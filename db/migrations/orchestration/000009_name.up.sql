CREATE TABLE orchestration.name_token (
  tenant_id uuid  NOT NULL DEFAULT platform.current_tenant(),
  token     bytea NOT NULL,
  person_id uuid  NOT NULL,
  PRIMARY KEY (tenant_id, token, person_id)
);
COMMENT ON TABLE orchestration.name_token IS 'Blind indexes of the words of applicants'' names, by which staff finds their cases. Whole words only: beginnings would tell too much';
CREATE INDEX name_token_person_idx ON orchestration.name_token (tenant_id, person_id);
SELECT platform.protect('orchestration.name_token');

ALTER TABLE orchestration.application ADD COLUMN named boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN orchestration.application.named IS 'Its applicant can be found by name; what was received before that is indexed by a job';
CREATE INDEX application_unnamed_idx ON orchestration.application (tenant_id, id) WHERE NOT named;
