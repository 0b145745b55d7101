CREATE TABLE simulator.media (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  media_type text NOT NULL CHECK (media_type <> ''),
  size integer NOT NULL CHECK (size > 0),
  content bytea NOT NULL,
  made_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
SELECT platform.protect('simulator.media');
CREATE TRIGGER refuse_production BEFORE INSERT OR UPDATE ON simulator.media FOR EACH ROW EXECUTE FUNCTION simulator.refuse_production();
COMMENT ON TABLE simulator.media IS 'Files that were sent from simulated phones, as long as Meta would keep them; gone after a day';
COMMENT ON COLUMN simulator.media.content IS 'Sealed with the tenant''s key';
