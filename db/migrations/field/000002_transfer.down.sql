ALTER TABLE field.upload
  ADD COLUMN sha256   bytea  NOT NULL DEFAULT decode(repeat('00', 32), 'hex') CHECK (length(sha256) = 32),
  ADD COLUMN received bigint NOT NULL DEFAULT 0,
  ADD CONSTRAINT upload_check CHECK (received BETWEEN 0 AND size);
UPDATE field.upload SET received = size WHERE document_id IS NOT NULL;
ALTER TABLE field.upload ALTER COLUMN sha256 DROP DEFAULT;
COMMENT ON COLUMN field.upload.received IS 'Bytes, from the beginning, that have arrived';
CREATE TABLE field.piece (
  tenant_id uuid   NOT NULL DEFAULT platform.current_tenant(),
  id        uuid   NOT NULL,
  upload_id uuid   NOT NULL,
  at        bigint NOT NULL CHECK (at >= 0),
  content   bytea  NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT piece_upload_id_at_key UNIQUE (tenant_id, upload_id, at),
  CONSTRAINT piece_upload_fkey FOREIGN KEY (tenant_id, upload_id) REFERENCES field.upload (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE field.piece IS 'Pieces of a file that is not whole yet; gone when it is';
COMMENT ON COLUMN field.piece.content IS 'Sealed under the key of the person whose case it is';
SELECT platform.protect('field.piece');
