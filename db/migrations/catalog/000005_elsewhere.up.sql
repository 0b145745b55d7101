CREATE TABLE catalog.elsewhere (
  tenant_id   uuid        NOT NULL DEFAULT platform.current_tenant(),
  id          uuid        NOT NULL,
  agency      text        NOT NULL,
  name        jsonb       NOT NULL,
  summary     jsonb       NOT NULL,
  languages   text[]      NOT NULL,
  life_events text[]      NOT NULL,
  url         text        NOT NULL CHECK (url LIKE 'https://%'),
  status      text        NOT NULL CHECK (status IN ('published', 'withdrawn')),
  changed_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE catalog.elsewhere IS 'Services that are delivered on another site: shown in the catalogue, where a page says that people leave';
COMMENT ON COLUMN catalog.elsewhere.languages IS 'In which the other site speaks';
COMMENT ON COLUMN catalog.elsewhere.status IS 'withdrawn: shown to nobody; it can be put back';
SELECT platform.protect('catalog.elsewhere');
