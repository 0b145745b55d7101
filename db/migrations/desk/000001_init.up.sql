CREATE SCHEMA desk;
GRANT USAGE ON SCHEMA desk TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA desk GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE desk.person (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  account_id uuid NOT NULL,
  card bytea NOT NULL,
  agency text NOT NULL,
  office text NOT NULL,
  written_by uuid NOT NULL,
  written_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, account_id)
);
SELECT platform.protect('desk.person');
COMMENT ON TABLE desk.person IS 'What counters know of a person besides their account, so that they are found again';
COMMENT ON COLUMN desk.person.card IS 'Date of birth, number of identity, telephone and e-mail as told; sealed with the person''s key';

CREATE TABLE desk.person_token (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  token bytea NOT NULL,
  account_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, token, account_id),
  CONSTRAINT person_token_person_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES desk.person (tenant_id, account_id) ON DELETE CASCADE
);
SELECT platform.protect('desk.person_token');
CREATE INDEX person_token_person_idx ON desk.person_token (tenant_id, account_id);
COMMENT ON TABLE desk.person_token IS 'Blind indexes by which a card is found: of the number of identity, the telephone, the e-mail, and of the day of birth with each word of the name';

CREATE TABLE desk.visit (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  person_id uuid NOT NULL,
  operator_id uuid NOT NULL,
  agency text NOT NULL,
  office text NOT NULL,
  proof text NOT NULL CHECK (proof IN ('code', 'document')),
  document_id uuid,
  begun_at timestamptz NOT NULL,
  until timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT visit_document_check CHECK ((proof = 'document') = (document_id IS NOT NULL))
);
SELECT platform.protect('desk.visit');
CREATE INDEX visit_office_idx ON desk.visit (tenant_id, agency, office, id DESC);
CREATE INDEX visit_operator_idx ON desk.visit (tenant_id, operator_id, id DESC);
CREATE INDEX visit_person_idx ON desk.visit (tenant_id, person_id, id DESC);
COMMENT ON TABLE desk.visit IS 'Who was acted for at which counter, by whom and on what consent; the id is that of the delegation';
COMMENT ON COLUMN desk.visit.document_id IS 'The signed paper, where the consent is one';
