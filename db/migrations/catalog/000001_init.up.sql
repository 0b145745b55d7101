CREATE SCHEMA catalog;
GRANT USAGE ON SCHEMA catalog TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA catalog GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE catalog.service (
  tenant_id    uuid        NOT NULL DEFAULT platform.current_tenant(),
  code         text        NOT NULL CHECK (code <> ''),
  agency       text        NOT NULL,
  current      integer     NOT NULL CHECK (current > 0),
  status       text        NOT NULL CHECK (status IN ('published', 'withdrawn')),
  reason       text        NOT NULL,
  name         jsonb       NOT NULL,
  summary      jsonb       NOT NULL,
  fee          jsonb       NOT NULL,
  days         integer     NOT NULL,
  audiences    text[]      NOT NULL,
  life_events  text[]      NOT NULL,
  published_at timestamptz NOT NULL,
  changed_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, code)
);
COMMENT ON TABLE catalog.service IS 'The services a state offers: the newest published version of each, as the catalogue shows it';
COMMENT ON COLUMN catalog.service.current IS 'Newest published version; running cases keep their own';
COMMENT ON COLUMN catalog.service.status IS 'withdrawn: no new requests; running cases go on';
COMMENT ON COLUMN catalog.service.reason IS 'Why it was withdrawn; empty while published';
COMMENT ON COLUMN catalog.service.fee IS 'What it costs, in words, by language; empty: free';
COMMENT ON COLUMN catalog.service.days IS 'Working days within which it is promised; 0: nothing promised';
CREATE INDEX service_agency_idx ON catalog.service (tenant_id, agency, code);
SELECT platform.protect('catalog.service');

CREATE TABLE catalog.version (
  tenant_id    uuid        NOT NULL DEFAULT platform.current_tenant(),
  service      text        NOT NULL,
  version      integer     NOT NULL CHECK (version > 0),
  pack         jsonb       NOT NULL,
  hash         text        NOT NULL,
  published_at timestamptz NOT NULL,
  published_by uuid        NOT NULL,
  PRIMARY KEY (tenant_id, service, version),
  CONSTRAINT version_service_fkey FOREIGN KEY (tenant_id, service) REFERENCES catalog.service (tenant_id, code)
);
COMMENT ON TABLE catalog.version IS 'Published service definitions. A row never changes: cases run on the version they began with';
COMMENT ON COLUMN catalog.version.pack IS 'The whole definition in the service language';
COMMENT ON COLUMN catalog.version.hash IS 'SHA-256 of the definition, hexadecimal: the same definition is not published twice in a row';
SELECT platform.protect('catalog.version');

CREATE FUNCTION catalog.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a published version never changes' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'version_unchanging';
END $$;
CREATE TRIGGER version_unchanging BEFORE UPDATE OR DELETE ON catalog.version
  FOR EACH ROW EXECUTE FUNCTION catalog.refuse_change();
CREATE TRIGGER version_no_truncate BEFORE TRUNCATE ON catalog.version
  FOR EACH STATEMENT EXECUTE FUNCTION catalog.refuse_change();

CREATE TABLE catalog.token (
  tenant_id uuid     NOT NULL DEFAULT platform.current_tenant(),
  lang      text     NOT NULL,
  token     text     COLLATE "C" NOT NULL,
  service   text     NOT NULL,
  weight    smallint NOT NULL CHECK (weight > 0),
  PRIMARY KEY (tenant_id, lang, token, service),
  CONSTRAINT token_service_fkey FOREIGN KEY (tenant_id, service) REFERENCES catalog.service (tenant_id, code)
);
COMMENT ON TABLE catalog.token IS 'Words by which services are found: folded to lower case without accents; a word is looked up by its beginning';
COMMENT ON COLUMN catalog.token.weight IS 'How much a hit counts: a word of the name more than one of the description';
CREATE INDEX token_service_idx ON catalog.token (tenant_id, service);
SELECT platform.protect('catalog.token');
