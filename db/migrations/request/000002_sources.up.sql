ALTER TABLE request.request ADD COLUMN sources jsonb NOT NULL DEFAULT '{}', ADD COLUMN found bytea;
COMMENT ON COLUMN request.request.sources IS 'Where answers were filled in from, by question: profile.name, wallet.<type>.<claim>, lookup.<name>.<field>';
COMMENT ON COLUMN request.request.found IS 'Sealed: records that registers held of the person, looked up with their consent';
