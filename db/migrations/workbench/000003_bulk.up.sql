CREATE TABLE workbench.bulk (
  tenant_id   uuid        NOT NULL DEFAULT platform.current_tenant(),
  id          uuid        NOT NULL,
  by_id       uuid        NOT NULL,
  kind        text        NOT NULL DEFAULT '' CHECK (kind IN ('', 'claim', 'release', 'assign', 'act')),
  action      text        NOT NULL DEFAULT '',
  to_id       uuid,
  comment     bytea,
  checklist   text[]      NOT NULL DEFAULT '{}',
  reasons     text[]      NOT NULL DEFAULT '{}',
  status      text        NOT NULL CHECK (status IN ('chosen', 'running', 'done', 'undoing', 'undone')),
  made_at     timestamptz NOT NULL,
  finished_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT bulk_kind_check1 CHECK ((status = 'chosen') = (kind = '')),
  CONSTRAINT bulk_to_check CHECK ((kind = 'assign') = (to_id IS NOT NULL))
);
COMMENT ON TABLE workbench.bulk IS 'One act on many cases: chosen, then done case by case through the workflow';
COMMENT ON COLUMN workbench.bulk.comment IS 'Sealed under the tenant''s key until it is done; then it stands with each case';
CREATE INDEX bulk_by_idx ON workbench.bulk (tenant_id, by_id, made_at DESC, id);
SELECT platform.protect('workbench.bulk');

CREATE TABLE workbench.bulk_item (
  tenant_id      uuid    NOT NULL DEFAULT platform.current_tenant(),
  bulk_id        uuid    NOT NULL,
  no             integer NOT NULL,
  application_id uuid    NOT NULL,
  branch         text    NOT NULL,
  reference      text    NOT NULL,
  rev            bigint  NOT NULL,
  status         text    NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'done', 'failed', 'undone', 'kept')),
  code           text    NOT NULL DEFAULT '',
  was_id         uuid,
  after_rev      bigint  NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, bulk_id, no),
  CONSTRAINT bulk_item_bulk_fkey FOREIGN KEY (tenant_id, bulk_id) REFERENCES workbench.bulk (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE workbench.bulk_item IS 'The cases of an act on many, each with what became of it';
COMMENT ON COLUMN workbench.bulk_item.rev IS 'Of the case when it was chosen';
COMMENT ON COLUMN workbench.bulk_item.code IS 'Why it failed, or why it was kept when the rest was undone';
COMMENT ON COLUMN workbench.bulk_item.was_id IS 'Who had the case before; empty: nobody';
COMMENT ON COLUMN workbench.bulk_item.after_rev IS 'Of the case when it was done: what has changed since is not undone';
CREATE INDEX bulk_item_status_idx ON workbench.bulk_item (tenant_id, bulk_id, status, no);
SELECT platform.protect('workbench.bulk_item');

CREATE TABLE workbench.handover (
  tenant_id      uuid        NOT NULL DEFAULT platform.current_tenant(),
  id             uuid        NOT NULL,
  application_id uuid        NOT NULL,
  branch         text        NOT NULL,
  from_id        uuid,
  to_id          uuid        NOT NULL,
  by_id          uuid        NOT NULL,
  reason         bytea,
  at             timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE workbench.handover IS 'Cases that were given to somebody, or taken over from somebody, with why. Rows are only added';
COMMENT ON COLUMN workbench.handover.from_id IS 'Who had it; empty: nobody';
COMMENT ON COLUMN workbench.handover.reason IS 'Sealed under the key of the person whose case it is';
CREATE INDEX handover_application_idx ON workbench.handover (tenant_id, application_id, at, id);
SELECT platform.protect('workbench.handover');
REVOKE UPDATE, DELETE ON workbench.handover FROM digit_app;
GRANT UPDATE (reason) ON workbench.handover TO digit_app; -- under another key it says the same
