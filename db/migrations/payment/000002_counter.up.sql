CREATE TABLE payment.collection (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  demand_id uuid NOT NULL,
  till_id uuid NOT NULL,
  place text NOT NULL,
  means text NOT NULL CHECK (means IN ('cash', 'cheque', 'card')),
  status text NOT NULL CHECK (status IN ('taken', 'cleared', 'bounced', 'reversed')),
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  tendered_minor bigint NOT NULL,
  currency char(3) NOT NULL,
  detail bytea NOT NULL,
  taken_by uuid NOT NULL,
  taken_at timestamptz NOT NULL,
  settled_by uuid,
  settled_at timestamptz,
  reason text NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT collection_demand_fkey FOREIGN KEY (tenant_id, demand_id) REFERENCES payment.demand (tenant_id, id),
  CONSTRAINT collection_tendered_check CHECK (tendered_minor >= amount_minor AND (means = 'cash' OR tendered_minor = amount_minor)),
  CONSTRAINT collection_cheque_check CHECK (means = 'cheque' OR status IN ('taken', 'reversed')),
  CONSTRAINT collection_settled_check CHECK ((status = 'taken') = (settled_at IS NULL))
);
SELECT platform.protect('payment.collection');
CREATE INDEX collection_demand_idx ON payment.collection (tenant_id, demand_id);
CREATE INDEX collection_till_idx ON payment.collection (tenant_id, till_id, id);
CREATE INDEX collection_place_idx ON payment.collection (tenant_id, place, id DESC);
COMMENT ON TABLE payment.collection IS 'Money that was taken at a counter; the id is chosen by the counter, so that taking twice is taking once';
COMMENT ON COLUMN payment.collection.place IS 'The counter''s own name for where it was, such as agency/office';
COMMENT ON COLUMN payment.collection.tendered_minor IS 'What was handed over; of cash it may be more, and the rest was given back';
COMMENT ON COLUMN payment.collection.detail IS 'Number and bank of a cheque, or slip of the card terminal; sealed with the payer''s key';

ALTER TABLE payment.payment
  ALTER COLUMN charge_id DROP NOT NULL,
  ADD COLUMN collection_id uuid,
  DROP CONSTRAINT payment_status_check, ADD CONSTRAINT payment_status_check CHECK (status IN ('applied', 'surplus', 'refunded', 'reversed')),
  ADD CONSTRAINT payment_source_check CHECK ((charge_id IS NULL) <> (collection_id IS NULL)),
  ADD CONSTRAINT payment_collection_fkey FOREIGN KEY (tenant_id, collection_id) REFERENCES payment.collection (tenant_id, id);
CREATE UNIQUE INDEX payment_collection_key ON payment.payment (tenant_id, collection_id);
COMMENT ON COLUMN payment.payment.collection_id IS 'The collection at a counter by which it came in, where it came in by no charge';

ALTER TABLE payment.receipt ADD COLUMN cancelled_at timestamptz;
CREATE INDEX receipt_demand_idx ON payment.receipt (tenant_id, demand_id);
DROP INDEX payment.receipt_demand_key;
CREATE UNIQUE INDEX receipt_demand_key ON payment.receipt (tenant_id, demand_id) WHERE cancelled_at IS NULL;
COMMENT ON COLUMN payment.receipt.cancelled_at IS 'When the money turned out not to be there; its number stays taken';

CREATE TABLE payment.posting (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('open', 'take', 'close', 'clear', 'return')),
  till_id uuid NOT NULL,
  subject_id uuid NOT NULL,
  currency char(3) NOT NULL,
  by_id uuid NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
SELECT platform.protect('payment.posting');
CREATE UNIQUE INDEX posting_subject_key ON payment.posting (tenant_id, kind, subject_id);
CREATE INDEX posting_till_idx ON payment.posting (tenant_id, till_id, id);
COMMENT ON TABLE payment.posting IS 'What happened to money at counters, each thing once: kind and subject name it';
COMMENT ON COLUMN payment.posting.subject_id IS 'The till that was opened or closed, or the collection that was taken, cleared or returned';

CREATE TABLE payment.entry (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  posting_id uuid NOT NULL,
  account text NOT NULL CHECK (account IN ('cash', 'cheque', 'card', 'revenue', 'safe', 'transit', 'bank', 'difference')),
  amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
  PRIMARY KEY (tenant_id, posting_id, account),
  CONSTRAINT entry_posting_fkey FOREIGN KEY (tenant_id, posting_id) REFERENCES payment.posting (tenant_id, id)
);
SELECT platform.protect('payment.entry');
COMMENT ON TABLE payment.entry IS 'The two sides of a posting: what an account of the counter got, below zero what it gave. They add up to nothing';
REVOKE UPDATE, DELETE ON payment.posting, payment.entry FROM digit_app;

CREATE FUNCTION payment.balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT sum(amount_minor) FROM payment.entry WHERE tenant_id = NEW.tenant_id AND posting_id = NEW.posting_id) <> 0 THEN
    RAISE EXCEPTION 'posting % does not balance', NEW.posting_id USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_balanced';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER entry_balanced AFTER INSERT OR UPDATE ON payment.entry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payment.balanced();
