CREATE TABLE workbench.saved (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  id         uuid        NOT NULL,
  owner_id   uuid        NOT NULL,
  agency     text        NOT NULL DEFAULT '',
  name       text        NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  filter     text        NOT NULL,
  saved_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE workbench.saved IS 'Lists that officers have saved, for themselves or for all who work in an agency';
COMMENT ON COLUMN workbench.saved.owner_id IS 'Account of who saved it';
COMMENT ON COLUMN workbench.saved.agency IS 'For all who work there; empty: for the owner alone';
COMMENT ON COLUMN workbench.saved.filter IS 'As it stands in the list''s address. Names of people never stand there';
CREATE INDEX saved_owner_idx ON workbench.saved (tenant_id, owner_id, saved_at, id) WHERE agency = '';
CREATE INDEX saved_agency_idx ON workbench.saved (tenant_id, agency, saved_at, id) WHERE agency <> '';
SELECT platform.protect('workbench.saved');

CREATE TABLE workbench.pin (
  tenant_id  uuid NOT NULL DEFAULT platform.current_tenant(),
  account_id uuid NOT NULL,
  saved_id   uuid NOT NULL,
  PRIMARY KEY (tenant_id, account_id, saved_id),
  CONSTRAINT pin_saved_fkey FOREIGN KEY (tenant_id, saved_id) REFERENCES workbench.saved (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE workbench.pin IS 'Saved lists that an officer keeps beside the queues, with their counts';
CREATE INDEX pin_saved_idx ON workbench.pin (tenant_id, saved_id);
SELECT platform.protect('workbench.pin');
