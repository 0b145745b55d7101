CREATE TABLE orchestration.letter (
  tenant_id      uuid        NOT NULL DEFAULT platform.current_tenant(),
  id             uuid        NOT NULL,
  application_id uuid        NOT NULL,
  rev            bigint      NOT NULL,
  code           text        NOT NULL,
  number         text        NOT NULL,
  words          bytea       NOT NULL,
  document_id    uuid,
  written_at     timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT letter_application_fkey FOREIGN KEY (tenant_id, application_id) REFERENCES orchestration.application (tenant_id, id)
);
COMMENT ON TABLE orchestration.letter IS 'Letters that actions have sent, each once a move; the PDF is made afterwards';
COMMENT ON COLUMN orchestration.letter.rev IS 'The case''s after the move that sent it';
COMMENT ON COLUMN orchestration.letter.number IS 'Empty where the service numbers its letters not';
COMMENT ON COLUMN orchestration.letter.words IS 'Sealed under the person''s key: title and body by language, as they were filled in';
COMMENT ON COLUMN orchestration.letter.document_id IS 'The PDF in document; empty until it is made';
CREATE UNIQUE INDEX letter_move_key ON orchestration.letter (tenant_id, application_id, rev, code);
SELECT platform.protect('orchestration.letter');
