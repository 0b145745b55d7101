CREATE TABLE workbench.template (
  tenant_id  uuid        NOT NULL DEFAULT platform.current_tenant(),
  id         uuid        NOT NULL,
  agency     text        NOT NULL CHECK (agency <> ''),
  service    text        NOT NULL DEFAULT '',
  name       text        NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  body       jsonb       NOT NULL,
  changed_by uuid        NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE workbench.template IS 'Texts that officers of an agency begin messages to citizens with. They hold no data of anybody: names are filled in when one is used';
COMMENT ON COLUMN workbench.template.service IS 'Empty: for all services of the agency';
COMMENT ON COLUMN workbench.template.body IS 'By language';
CREATE INDEX template_agency_idx ON workbench.template (tenant_id, agency, name, id);
SELECT platform.protect('workbench.template');
