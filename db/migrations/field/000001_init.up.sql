CREATE SCHEMA field;
GRANT USAGE ON SCHEMA field TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA field GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE field.device (
  tenant_id     uuid        NOT NULL DEFAULT platform.current_tenant(),
  id            uuid        NOT NULL,
  account_id    uuid        NOT NULL,
  name          text        NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  status        text        NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'asked', 'wiped', 'left')),
  unsent        integer     NOT NULL DEFAULT 0 CHECK (unsent >= 0),
  registered_at timestamptz NOT NULL,
  seen_at       timestamptz NOT NULL,
  asked_by      uuid,
  asked_at      timestamptz,
  gone_at       timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT device_asked_check CHECK ((asked_at IS NULL) = (asked_by IS NULL))
);
COMMENT ON TABLE field.device IS 'Browsers in which staff take visits along, and what became of what they hold';
COMMENT ON COLUMN field.device.name IS 'Kind of browser and system; names nobody';
COMMENT ON COLUMN field.device.status IS 'asked: is to be wiped when it is next heard of; wiped: has said that it was; left: its owner signed out of it';
COMMENT ON COLUMN field.device.unsent IS 'How many reports it last said it had not sent';
CREATE INDEX device_account_idx ON field.device (tenant_id, account_id, seen_at, id);
CREATE INDEX device_seen_idx ON field.device (tenant_id, seen_at, id);
SELECT platform.protect('field.device');

CREATE TABLE field.operation (
  tenant_id      uuid        NOT NULL DEFAULT platform.current_tenant(),
  id             uuid        NOT NULL,
  device_id      uuid        NOT NULL,
  account_id     uuid        NOT NULL,
  application_id uuid        NOT NULL,
  person_id      uuid        NOT NULL,
  branch         text        NOT NULL DEFAULT '',
  action         text        NOT NULL,
  rev            bigint      NOT NULL,
  payload        bytea       NOT NULL,
  outcome        text        NOT NULL CHECK (outcome IN ('done', 'refused', 'conflict', 'kept')),
  told           jsonb       NOT NULL DEFAULT '{}',
  made_at        timestamptz NOT NULL,
  received_at    timestamptz NOT NULL,
  decided_at     timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT operation_device_fkey FOREIGN KEY (tenant_id, device_id) REFERENCES field.device (tenant_id, id)
);
COMMENT ON TABLE field.operation IS 'Reports of visits as devices sent them, each taken once whatever is sent how often';
COMMENT ON COLUMN field.operation.id IS 'Made by the device';
COMMENT ON COLUMN field.operation.rev IS 'Revision of the case that the officer had before their eyes';
COMMENT ON COLUMN field.operation.payload IS 'What was found and is to be done; sealed under the key of the person whose case it is';
COMMENT ON COLUMN field.operation.outcome IS 'conflict: the office changed the case meanwhile and the officer is to choose; kept: on record, but nothing was done by it';
COMMENT ON COLUMN field.operation.told IS 'Why it was not done, by codes alone';
COMMENT ON COLUMN field.operation.made_at IS 'On the clock of the device';
CREATE INDEX operation_application_idx ON field.operation (tenant_id, application_id, received_at, id);
CREATE INDEX operation_device_idx ON field.operation (tenant_id, device_id, id);
SELECT platform.protect('field.operation');

CREATE TABLE field.upload (
  tenant_id      uuid        NOT NULL DEFAULT platform.current_tenant(),
  id             uuid        NOT NULL,
  device_id      uuid        NOT NULL,
  account_id     uuid        NOT NULL,
  application_id uuid        NOT NULL,
  person_id      uuid        NOT NULL,
  code           text        NOT NULL CHECK (length(code) BETWEEN 1 AND 64),
  media_type     text        NOT NULL,
  size           bigint      NOT NULL CHECK (size > 0),
  sha256         bytea       NOT NULL CHECK (length(sha256) = 32),
  received       bigint      NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND size),
  document_id    uuid,
  begun_at       timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT upload_device_fkey FOREIGN KEY (tenant_id, device_id) REFERENCES field.device (tenant_id, id)
);
COMMENT ON TABLE field.upload IS 'Files of visits on their way here, piece by piece, so that what a device was cut off from can go on';
COMMENT ON COLUMN field.upload.code IS 'What of: photo, signature, or a document that the action asks for';
COMMENT ON COLUMN field.upload.received IS 'Bytes, from the beginning, that have arrived';
COMMENT ON COLUMN field.upload.document_id IS 'The file, once it is whole and looked into';
CREATE INDEX upload_device_idx ON field.upload (tenant_id, device_id, id);
CREATE INDEX upload_begun_idx ON field.upload (tenant_id, begun_at, id) WHERE document_id IS NULL;
SELECT platform.protect('field.upload');

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
