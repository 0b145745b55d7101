CREATE TABLE simulator.secret (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  purpose text NOT NULL CHECK (purpose <> ''),
  id uuid NOT NULL,
  secret bytea NOT NULL,
  PRIMARY KEY (tenant_id, purpose)
);
COMMENT ON TABLE simulator.secret IS 'What the simulated parties share with the tenant, kept so that it stays the same when the tenant''s keys change';
COMMENT ON COLUMN simulator.secret.secret IS 'Sealed with the tenant''s key';
SELECT platform.protect('simulator.secret');
CREATE TRIGGER refuse_production BEFORE INSERT OR UPDATE ON simulator.secret FOR EACH ROW EXECUTE FUNCTION simulator.refuse_production();
