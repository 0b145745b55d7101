ALTER TABLE catalog.measure ADD COLUMN rated bigint NOT NULL DEFAULT 0 CHECK (rated >= 0), ADD COLUMN stars bigint NOT NULL DEFAULT 0 CHECK (stars BETWEEN rated AND 5 * rated);
COMMENT ON COLUMN catalog.measure.rated IS 'How many people rated the service';
COMMENT ON COLUMN catalog.measure.stars IS 'The sum of what they gave, from 1 to 5 each';
