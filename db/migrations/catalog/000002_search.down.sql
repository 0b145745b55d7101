DROP TABLE catalog.spelling, catalog.word, catalog.title;
ALTER TABLE catalog.service DROP COLUMN indexed;
DELETE FROM catalog.token WHERE token >= '=' AND token < 'A' OR lang LIKE '~%';
ALTER TABLE catalog.token DROP CONSTRAINT token_pkey, ADD PRIMARY KEY (tenant_id, lang, token, service), DROP COLUMN title;
COMMENT ON TABLE catalog.token IS 'Words by which services are found: folded to lower case without accents; a word is looked up by its beginning';
