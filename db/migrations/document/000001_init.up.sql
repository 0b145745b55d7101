CREATE SCHEMA document;
GRANT USAGE ON SCHEMA document TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA document GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE document.file (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  id         uuid        NOT NULL,
  person_id  uuid        NOT NULL,
  purpose    text        NOT NULL,
  name       bytea       NOT NULL,
  media_type text        NOT NULL,
  size       bigint      NOT NULL CHECK (size > 0),
  sha256     bytea       NOT NULL,
  created_by uuid        NOT NULL,
  created_at timestamptz NOT NULL,
  deleted_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE document.file IS 'Files that people and agencies hand in or issue';
COMMENT ON COLUMN document.file.person_id IS 'Whose data it is and under whose key it is sealed; the nil UUID: the tenant''s';
COMMENT ON COLUMN document.file.name IS 'Sealed: names of files tell about people';
COMMENT ON COLUMN document.file.media_type IS 'What the content is, not what its name says';
COMMENT ON COLUMN document.file.sha256 IS 'Of the content in clear';
CREATE INDEX file_person_idx ON document.file (tenant_id, person_id, id);
SELECT platform.protect('document.file');

CREATE TABLE document.chunk (
  tenant_id uuid  NOT NULL DEFAULT platform.current_tenant(),
  file_id   uuid  NOT NULL,
  seq       int   NOT NULL,
  content   bytea NOT NULL,
  PRIMARY KEY (tenant_id, file_id, seq),
  CONSTRAINT chunk_file_fkey FOREIGN KEY (tenant_id, file_id) REFERENCES document.file (tenant_id, id) ON DELETE CASCADE
    DEFERRABLE INITIALLY DEFERRED -- pieces come first: size and sum of the whole are known at the end
);
COMMENT ON TABLE document.chunk IS 'Content of files, sealed piece by piece';
ALTER TABLE document.chunk ALTER COLUMN content SET STORAGE EXTERNAL; -- sealed bytes do not compress
SELECT platform.protect('document.chunk');
