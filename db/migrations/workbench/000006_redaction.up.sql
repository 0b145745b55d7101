CREATE TABLE workbench.redaction (
  tenant_id      uuid        NOT NULL DEFAULT platform.current_tenant(),
  id             uuid        NOT NULL,
  application_id uuid        NOT NULL,
  file_id        uuid        NOT NULL,
  copy_id        uuid,
  boxes          jsonb       NOT NULL,
  reason         text        NOT NULL CHECK (reason IN ('others', 'sensitive', 'secret', 'unneeded')),
  status         text        NOT NULL DEFAULT 'making' CHECK (status IN ('making', 'made', 'failed', 'withdrawn')),
  made_by        uuid        NOT NULL,
  made_at        timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CHECK (status <> 'made' OR copy_id IS NOT NULL)
);
COMMENT ON TABLE workbench.redaction IS 'Copies of pictures that were handed in, with parts blackened: others are given the copy. The original stays as it is';
COMMENT ON COLUMN workbench.redaction.file_id IS 'The original, in document.file';
COMMENT ON COLUMN workbench.redaction.copy_id IS 'The copy, once it is made';
COMMENT ON COLUMN workbench.redaction.boxes IS 'What is black, in thousandths of the picture''s width and height, from its top left corner';
COMMENT ON COLUMN workbench.redaction.reason IS 'others: of other people; sensitive: health, faith, origin; secret: of business or security; unneeded: not needed for the purpose';
COMMENT ON COLUMN workbench.redaction.status IS 'withdrawn: others are given the original again';
CREATE INDEX redaction_application_idx ON workbench.redaction (tenant_id, application_id, made_at DESC, id);
CREATE INDEX redaction_file_idx ON workbench.redaction (tenant_id, file_id, made_at DESC, id);
SELECT platform.protect('workbench.redaction');
