CREATE SCHEMA payment;
GRANT USAGE ON SCHEMA payment TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA payment GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE payment.gateway (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  code text NOT NULL CHECK (code ~ '^[a-z0-9-]+$'),
  id uuid NOT NULL,
  settings bytea NOT NULL,
  active boolean NOT NULL DEFAULT true,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, code)
);
SELECT platform.protect('payment.gateway');
COMMENT ON TABLE payment.gateway IS 'Payment gateways of the tenant';
COMMENT ON COLUMN payment.gateway.settings IS 'Address, key and webhook secret, sealed with the tenant''s key';
COMMENT ON COLUMN payment.gateway.active IS 'New charges go to the first active one; notices of the others are still taken';

CREATE TABLE payment.demand (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  number text NOT NULL,
  payer_id uuid NOT NULL,
  payer_name bytea,
  subject text NOT NULL CHECK (subject <> ''),
  subject_id uuid NOT NULL,
  service text NOT NULL,
  agency text NOT NULL,
  reference text NOT NULL,
  lang text NOT NULL,
  status text NOT NULL CHECK (status IN ('open', 'paid', 'cancelled')),
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  currency char(3) NOT NULL,
  raised_at timestamptz NOT NULL,
  due_at timestamptz,
  paid_at timestamptz,
  cancelled_at timestamptz,
  cancel_reason text NOT NULL DEFAULT '',
  CONSTRAINT demand_paid_check CHECK ((status = 'paid') = (paid_at IS NOT NULL)),
  CONSTRAINT demand_cancelled_check CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL)),
  PRIMARY KEY (tenant_id, id)
);
SELECT platform.protect('payment.demand');
CREATE UNIQUE INDEX demand_number_key ON payment.demand (tenant_id, number);
CREATE UNIQUE INDEX demand_subject_key ON payment.demand (tenant_id, subject, subject_id);
CREATE INDEX demand_payer_idx ON payment.demand (tenant_id, payer_id, id DESC);
CREATE INDEX demand_status_idx ON payment.demand (tenant_id, status, id DESC);
COMMENT ON TABLE payment.demand IS 'What somebody has to pay, and for what';
COMMENT ON COLUMN payment.demand.subject IS 'Kind of thing it is for, such as application; with subject_id it is raised once';
COMMENT ON COLUMN payment.demand.amount_minor IS 'Sum of the lines in minor units';
COMMENT ON COLUMN payment.demand.payer_name IS 'For the receipt; sealed with the payer''s key';
COMMENT ON COLUMN payment.demand.lang IS 'Language of the receipt; empty: the tenant''s default';

CREATE TABLE payment.demand_line (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  demand_id uuid NOT NULL,
  position integer NOT NULL,
  code text NOT NULL CHECK (code <> ''),
  name jsonb NOT NULL,
  amount_minor bigint NOT NULL,
  currency char(3) NOT NULL,
  PRIMARY KEY (tenant_id, demand_id, position),
  CONSTRAINT demand_line_demand_fkey FOREIGN KEY (tenant_id, demand_id) REFERENCES payment.demand (tenant_id, id)
);
SELECT platform.protect('payment.demand_line');
COMMENT ON TABLE payment.demand_line IS 'The fees and rebates a demand is made of';

CREATE TABLE payment.charge (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  demand_id uuid NOT NULL,
  gateway text NOT NULL,
  status text NOT NULL CHECK (status IN ('created', 'pending', 'succeeded', 'failed', 'expired', 'disputed')),
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  currency char(3) NOT NULL,
  return_url text NOT NULL,
  redirect_url text NOT NULL DEFAULT '',
  gateway_ref text,
  failure text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  settled_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT charge_demand_fkey FOREIGN KEY (tenant_id, demand_id) REFERENCES payment.demand (tenant_id, id),
  CONSTRAINT charge_gateway_fkey FOREIGN KEY (tenant_id, gateway) REFERENCES payment.gateway (tenant_id, code)
);
SELECT platform.protect('payment.charge');
CREATE UNIQUE INDEX charge_open_key ON payment.charge (tenant_id, demand_id) WHERE status IN ('created', 'pending');
CREATE UNIQUE INDEX charge_gateway_ref_key ON payment.charge (tenant_id, gateway, gateway_ref) WHERE gateway_ref IS NOT NULL;
CREATE INDEX charge_demand_idx ON payment.charge (tenant_id, demand_id, id DESC);
CREATE INDEX charge_gateway_idx ON payment.charge (tenant_id, gateway);
COMMENT ON TABLE payment.charge IS 'One attempt to pay a demand through a gateway; one open attempt a demand';
COMMENT ON COLUMN payment.charge.failure IS 'Code of why it failed, such as declined';
COMMENT ON COLUMN payment.charge.expires_at IS '90 minutes after it was created, on the tenant''s clock';

CREATE TABLE payment.payment (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  demand_id uuid NOT NULL,
  charge_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('applied', 'surplus', 'refunded')),
  reason text NOT NULL DEFAULT '',
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  currency char(3) NOT NULL,
  paid_at timestamptz NOT NULL,
  refunded_at timestamptz,
  CONSTRAINT payment_refunded_check CHECK ((status = 'refunded') = (refunded_at IS NOT NULL)),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT payment_demand_fkey FOREIGN KEY (tenant_id, demand_id) REFERENCES payment.demand (tenant_id, id),
  CONSTRAINT payment_charge_fkey FOREIGN KEY (tenant_id, charge_id) REFERENCES payment.charge (tenant_id, id)
);
SELECT platform.protect('payment.payment');
CREATE UNIQUE INDEX payment_charge_key ON payment.payment (tenant_id, charge_id);
CREATE UNIQUE INDEX payment_applied_key ON payment.payment (tenant_id, demand_id) WHERE status = 'applied';
CREATE INDEX payment_demand_idx ON payment.payment (tenant_id, demand_id);
CREATE INDEX payment_status_idx ON payment.payment (tenant_id, status, id DESC);
COMMENT ON TABLE payment.payment IS 'Money that came in: applied to its demand, or surplus that must go back';
COMMENT ON COLUMN payment.payment.reason IS 'Why it is surplus: already_paid, cancelled, amount; of a refund, what was noted';

CREATE TABLE payment.receipt (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  demand_id uuid NOT NULL,
  payment_id uuid NOT NULL,
  number text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  currency char(3) NOT NULL,
  paid_at timestamptz NOT NULL,
  document_id uuid,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT receipt_demand_fkey FOREIGN KEY (tenant_id, demand_id) REFERENCES payment.demand (tenant_id, id),
  CONSTRAINT receipt_payment_fkey FOREIGN KEY (tenant_id, payment_id) REFERENCES payment.payment (tenant_id, id)
);
SELECT platform.protect('payment.receipt');
CREATE UNIQUE INDEX receipt_demand_key ON payment.receipt (tenant_id, demand_id);
CREATE UNIQUE INDEX receipt_payment_key ON payment.receipt (tenant_id, payment_id);
CREATE UNIQUE INDEX receipt_number_key ON payment.receipt (tenant_id, number);
COMMENT ON TABLE payment.receipt IS 'One receipt a paid demand; numbers have no gaps, as they are taken in the payment''s own transaction';
COMMENT ON COLUMN payment.receipt.document_id IS 'The PDF, once it is made';

CREATE TABLE payment.webhook (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  gateway text NOT NULL,
  event_id text NOT NULL CHECK (event_id <> ''),
  charge_id uuid,
  status text NOT NULL,
  outcome text NOT NULL DEFAULT '',
  received_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, gateway, event_id)
);
SELECT platform.protect('payment.webhook');
CREATE INDEX webhook_charge_idx ON payment.webhook (tenant_id, charge_id) WHERE charge_id IS NOT NULL;
COMMENT ON TABLE payment.webhook IS 'Notices of gateways, each event once';
COMMENT ON COLUMN payment.webhook.received_at IS 'Real time';
COMMENT ON COLUMN payment.webhook.outcome IS 'What the notice changed: paid, surplus, failed, disputed, nothing, unknown_charge';
