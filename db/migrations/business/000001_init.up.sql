CREATE SCHEMA business;
COMMENT ON SCHEMA business IS 'Businesses that apply for services: what they are, and who asked to act for them';
GRANT USAGE ON SCHEMA business TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA business GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE business.business (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  account_id uuid NOT NULL,
  form text NOT NULL,
  about bytea NOT NULL,
  number_index bytea NOT NULL,
  boundary text NOT NULL,
  status text NOT NULL,
  registered_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  CONSTRAINT business_pkey PRIMARY KEY (tenant_id, account_id),
  CONSTRAINT business_form_check CHECK (form IN ('company', 'sole-trader', 'partnership', 'cooperative', 'association', 'ngo', 'other')),
  CONSTRAINT business_status_check CHECK (status IN ('unconfirmed', 'confirmed', 'refused'))
);
COMMENT ON TABLE business.business IS 'One row a company, sole trader, association or other organisation that applies for services';
COMMENT ON COLUMN business.business.account_id IS 'The account in identity, by whose key the row is sealed';
COMMENT ON COLUMN business.business.about IS 'Sealed: name, registration number, address, e-mail, telephone';
COMMENT ON COLUMN business.business.number_index IS 'Blind index of the registration number without spaces and hyphens';
COMMENT ON COLUMN business.business.boundary IS 'Code of the area of its seat; empty where not told';
COMMENT ON COLUMN business.business.status IS 'unconfirmed: nobody may act for it yet; refused: the number is free again';
CREATE UNIQUE INDEX business_number_key ON business.business (tenant_id, number_index) WHERE status <> 'refused';
SELECT platform.protect('business.business');

CREATE TABLE business.name_token (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  token bytea NOT NULL,
  account_id uuid NOT NULL,
  CONSTRAINT name_token_pkey PRIMARY KEY (tenant_id, token, account_id),
  CONSTRAINT name_token_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES business.business (tenant_id, account_id) ON DELETE CASCADE
);
COMMENT ON TABLE business.name_token IS 'Blind indexes of the beginnings of the words of a business''s name, by which offices find it';
CREATE INDEX name_token_account_id_idx ON business.name_token (tenant_id, account_id);
SELECT platform.protect('business.name_token');

CREATE TABLE business.claim (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  account_id uuid NOT NULL,
  claimant uuid NOT NULL,
  proof text NOT NULL,
  document_id uuid,
  until timestamptz,
  lang text NOT NULL,
  status text NOT NULL,
  reason bytea NOT NULL,
  claimed_at timestamptz NOT NULL,
  decided_at timestamptz,
  decided_by uuid,
  CONSTRAINT claim_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT claim_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES business.business (tenant_id, account_id) ON DELETE CASCADE,
  CONSTRAINT claim_proof_check CHECK (proof IN ('document', 'register')),
  CONSTRAINT claim_document_check CHECK (proof = 'register' OR document_id IS NOT NULL),
  CONSTRAINT claim_status_check CHECK (status IN ('open', 'confirmed', 'refused')),
  CONSTRAINT claim_decided_check CHECK ((status = 'open') = (decided_at IS NULL))
);
COMMENT ON TABLE business.claim IS 'Who said that they may act for a business, on what proof, and what an office found';
COMMENT ON COLUMN business.claim.claimant IS 'The person''s account';
COMMENT ON COLUMN business.claim.proof IS 'document: a paper, scanned; register: the state''s register of businesses names the claimant as holder';
COMMENT ON COLUMN business.claim.until IS 'When the authority ends, tenant''s clock, excluded; empty until somebody ends it';
COMMENT ON COLUMN business.claim.lang IS 'In which the claimant is told';
COMMENT ON COLUMN business.claim.reason IS 'Why it was refused, sealed by the business''s key; empty where it was not';
CREATE UNIQUE INDEX claim_open_key ON business.claim (tenant_id, account_id) WHERE status = 'open';
CREATE INDEX claim_account_id_idx ON business.claim (tenant_id, account_id, id);
CREATE INDEX claim_claimant_idx ON business.claim (tenant_id, claimant, id);
CREATE INDEX claim_status_idx ON business.claim (tenant_id, status, id);
SELECT platform.protect('business.claim');
