CREATE TABLE payment.link (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  demand_id uuid NOT NULL,
  token_hash bytea NOT NULL,
  made_at timestamptz NOT NULL,
  ended_at timestamptz,
  charge_id uuid,
  CONSTRAINT link_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT link_token_key UNIQUE (tenant_id, token_hash),
  CONSTRAINT link_demand_id_fkey FOREIGN KEY (tenant_id, demand_id) REFERENCES payment.demand (tenant_id, id),
  CONSTRAINT link_charge_id_fkey FOREIGN KEY (tenant_id, charge_id) REFERENCES payment.charge (tenant_id, id)
);
COMMENT ON TABLE payment.link IS 'Secrets by which somebody else pays a demand without an account; there is one in force at most';
COMMENT ON COLUMN payment.link.token_hash IS 'SHA-256 of the secret, which only the link has';
COMMENT ON COLUMN payment.link.ended_at IS 'When the payer of the demand took it back, or made another one';
COMMENT ON COLUMN payment.link.charge_id IS 'The last attempt to pay that began by it';
CREATE UNIQUE INDEX link_demand_id_key ON payment.link (tenant_id, demand_id) WHERE ended_at IS NULL;
CREATE INDEX link_demand_id_idx ON payment.link (tenant_id, demand_id);
CREATE INDEX link_charge_id_idx ON payment.link (tenant_id, charge_id);
SELECT platform.protect('payment.link');
