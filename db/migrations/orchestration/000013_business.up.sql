ALTER TABLE orchestration.application
  ADD COLUMN business boolean NOT NULL DEFAULT false,
  ADD COLUMN sent_by bytea;
COMMENT ON COLUMN orchestration.application.business IS 'The applicant is a business';
COMMENT ON COLUMN orchestration.application.sent_by IS 'Name of who applied in the applicant''s name, sealed for the applicant; empty where the applicant did';
