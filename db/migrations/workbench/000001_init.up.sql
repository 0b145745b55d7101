CREATE SCHEMA workbench;
GRANT USAGE ON SCHEMA workbench TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA workbench GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE workbench.note (
  tenant_id      uuid        NOT NULL DEFAULT platform.current_tenant(),
  id             uuid        NOT NULL,
  application_id uuid        NOT NULL,
  author_id      uuid        NOT NULL,
  text           bytea       NOT NULL,
  written_at     timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE workbench.note IS 'Notes of staff to each other about a case. The citizen is never shown one as a message';
COMMENT ON COLUMN workbench.note.text IS 'Sealed under the key of the person whose case it is';
CREATE INDEX note_application_idx ON workbench.note (tenant_id, application_id, written_at, id);
SELECT platform.protect('workbench.note');
