CREATE TABLE document.transfer (
  tenant_id uuid        NOT NULL DEFAULT platform.current_tenant(),
  id        uuid        NOT NULL,
  person_id uuid        NOT NULL,
  for_id    uuid        NOT NULL,
  at        text        NOT NULL CHECK (length(at) BETWEEN 1 AND 200),
  size      bigint      NOT NULL CHECK (size > 0),
  sha256    bytea       NOT NULL CHECK (length(sha256) = 32),
  received  bigint      NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND size),
  file_id   uuid,
  begun_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE document.transfer IS 'Files on their way here, piece by piece, so that what a device was cut off from can go on';
COMMENT ON COLUMN document.transfer.id IS 'Made by the device';
COMMENT ON COLUMN document.transfer.person_id IS 'Under whose key the pieces are sealed';
COMMENT ON COLUMN document.transfer.for_id IS 'What the file belongs to: a request, a case';
COMMENT ON COLUMN document.transfer.at IS 'Where in it';
COMMENT ON COLUMN document.transfer.received IS 'Bytes, from the beginning, that have arrived';
COMMENT ON COLUMN document.transfer.file_id IS 'The file, once it is whole and looked into';
CREATE INDEX transfer_for_idx ON document.transfer (tenant_id, for_id, id) WHERE file_id IS NULL;
CREATE INDEX transfer_begun_idx ON document.transfer (tenant_id, begun_at, id);
SELECT platform.protect('document.transfer');

CREATE TABLE document.piece (
  tenant_id   uuid   NOT NULL DEFAULT platform.current_tenant(),
  id          uuid   NOT NULL,
  transfer_id uuid   NOT NULL,
  at          bigint NOT NULL CHECK (at >= 0),
  content     bytea  NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT piece_transfer_id_at_key UNIQUE (tenant_id, transfer_id, at),
  CONSTRAINT piece_transfer_fkey FOREIGN KEY (tenant_id, transfer_id) REFERENCES document.transfer (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE document.piece IS 'Pieces of a file that is not whole yet; gone when it is';
COMMENT ON COLUMN document.piece.content IS 'Sealed under the key of the person whose file it is';
ALTER TABLE document.piece ALTER COLUMN content SET STORAGE EXTERNAL; -- sealed bytes do not compress
SELECT platform.protect('document.piece');
