CREATE SCHEMA certificate;
GRANT USAGE ON SCHEMA certificate TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA certificate GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE certificate.status_list (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  id         uuid        NOT NULL,
  agency     text        NOT NULL,
  issued     int         NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE certificate.status_list IS 'Token Status Lists: each has room for 16,384 credentials and is closed when half full, so that a free index is found at random';
CREATE INDEX status_list_agency_idx ON certificate.status_list (tenant_id, agency, id);
SELECT platform.protect('certificate.status_list');

CREATE TABLE certificate.credential (
  tenant_id   uuid        NOT NULL DEFAULT platform.current_tenant(),
  id          uuid        NOT NULL,
  number      text        NOT NULL,
  type        text        NOT NULL,
  agency      text        NOT NULL,
  agency_name jsonb       NOT NULL,
  title       jsonb       NOT NULL,
  holder_id   uuid        NOT NULL,
  subject     text        NOT NULL,
  subject_id  uuid        NOT NULL,
  lang        text        NOT NULL,
  content     bytea       NOT NULL,
  status      text        NOT NULL CHECK (status IN ('valid', 'suspended', 'revoked')),
  reason      text        NOT NULL DEFAULT '',
  list_id     uuid        NOT NULL,
  list_index  int         NOT NULL CHECK (list_index >= 0),
  issued_at   timestamptz NOT NULL,
  expires_at  timestamptz,
  document_id uuid,
  pdf_sha256  bytea,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT credential_list_fkey FOREIGN KEY (tenant_id, list_id) REFERENCES certificate.status_list (tenant_id, id)
);
COMMENT ON TABLE certificate.credential IS 'Certificates issued: SD-JWT VC and the PDF made of it';
COMMENT ON COLUMN certificate.credential.content IS 'Sealed under the holder''s key: claims, texts and the signed credential';
COMMENT ON COLUMN certificate.credential.pdf_sha256 IS 'Of the PDF as issued: a file with the same credential and another sum was altered';
CREATE UNIQUE INDEX credential_number_key ON certificate.credential (tenant_id, number);
CREATE UNIQUE INDEX credential_subject_key ON certificate.credential (tenant_id, type, subject_id);
CREATE UNIQUE INDEX credential_list_key ON certificate.credential (tenant_id, list_id, list_index);
CREATE INDEX credential_holder_idx ON certificate.credential (tenant_id, holder_id, id);
SELECT platform.protect('certificate.credential');
