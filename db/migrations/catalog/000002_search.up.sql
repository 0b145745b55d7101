ALTER TABLE catalog.service ADD COLUMN indexed text NOT NULL DEFAULT '';
COMMENT ON COLUMN catalog.service.indexed IS 'How it was last indexed for the search: the index''s version and languages; another one than today''s is done again';

CREATE TABLE catalog.title (
  tenant_id uuid    NOT NULL DEFAULT platform.current_tenant(),
  lang      text    NOT NULL,
  service   text    NOT NULL,
  title     text    COLLATE "C" NOT NULL,
  withdrawn boolean NOT NULL,
  PRIMARY KEY (tenant_id, service, lang),
  CONSTRAINT title_service_fkey FOREIGN KEY (tenant_id, service) REFERENCES catalog.service (tenant_id, code)
);
COMMENT ON TABLE catalog.title IS 'By what services are put in order in each language of the state';
COMMENT ON COLUMN catalog.title.title IS 'Name of the service folded to lower case without accents, at most 200 characters';
COMMENT ON COLUMN catalog.title.withdrawn IS 'Of the service: so that a list need not look at every one';
CREATE INDEX title_title_idx ON catalog.title (tenant_id, lang, title, service);
SELECT platform.protect('catalog.title');

CREATE TABLE catalog.word (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  token     text COLLATE "C" NOT NULL,
  shown     text NOT NULL,
  PRIMARY KEY (tenant_id, token)
);
COMMENT ON TABLE catalog.word IS 'Words of the services, each once: what a misspelt word is corrected to';
COMMENT ON COLUMN catalog.word.token IS 'Folded as in catalog.token';
COMMENT ON COLUMN catalog.word.shown IS 'As it is written, with its accents';
SELECT platform.protect('catalog.word');

CREATE TABLE catalog.spelling (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  key       text COLLATE "C" NOT NULL,
  token     text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, key, token),
  CONSTRAINT spelling_token_fkey FOREIGN KEY (tenant_id, token) REFERENCES catalog.word (tenant_id, token) ON DELETE CASCADE
);
COMMENT ON TABLE catalog.spelling IS 'What remains of a word when letters are left out: two words that share a key differ by few letters. Looked up by equality, which row security lets an index answer';
CREATE INDEX spelling_token_idx ON catalog.spelling (tenant_id, token);
SELECT platform.protect('catalog.spelling');

ALTER TABLE catalog.token ADD COLUMN title text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE catalog.token DROP CONSTRAINT token_pkey, ADD PRIMARY KEY (tenant_id, lang, token, service) INCLUDE (weight, title);
COMMENT ON TABLE catalog.token IS 'By what services are found, so that the index alone answers: words, folded to lower case without accents and looked up by their beginning; their stems after "="; and after "@" what services are narrowed by, such as "@agency:cmp"';
COMMENT ON COLUMN catalog.token.lang IS 'Language; after "~" where the service is withdrawn';
COMMENT ON COLUMN catalog.token.title IS 'By what the service is put in order, for what services are narrowed by; empty for words';
