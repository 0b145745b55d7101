CREATE TABLE request.upload (
  tenant_id      uuid        NOT NULL DEFAULT platform.current_tenant(),
  id             uuid        NOT NULL,
  source_id      uuid,
  source_service text        NOT NULL DEFAULT '',
  source_at      timestamptz,
  put_away_at    timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT upload_source_check CHECK ((source_id IS NULL) = (source_at IS NULL))
);
COMMENT ON TABLE request.upload IS 'What is to be said of files among answers besides where they are: out of which earlier one they were taken, and that they are not offered again';
COMMENT ON COLUMN request.upload.id IS 'Of the file';
COMMENT ON COLUMN request.upload.source_id IS 'The earlier file that this is a copy of; it may be gone since';
COMMENT ON COLUMN request.upload.source_service IS 'Which service that one was handed in for';
COMMENT ON COLUMN request.upload.source_at IS 'When that one was handed in';
COMMENT ON COLUMN request.upload.put_away_at IS 'Since when it is not among the person''s documents any more, though an application that was sent holds it';
SELECT platform.protect('request.upload');
