CREATE TABLE payment.credit (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  payer_id uuid NOT NULL,
  subject text NOT NULL CHECK (subject <> ''),
  subject_id uuid NOT NULL,
  service text NOT NULL,
  agency text NOT NULL,
  reference text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
  given_back_minor bigint NOT NULL DEFAULT 0 CHECK (given_back_minor >= 0),
  currency char(3) NOT NULL,
  note text NOT NULL DEFAULT '',
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT credit_subject_key UNIQUE (tenant_id, subject, subject_id)
);
COMMENT ON TABLE payment.credit IS 'What was paid too much for a thing, because less is asked for it since: one row a thing';
COMMENT ON COLUMN payment.credit.subject IS 'Kind of thing it was paid for, such as application';
COMMENT ON COLUMN payment.credit.amount_minor IS 'What is too much now, in minor units: less once it is set against what is demanded later, 0 once it is given back';
COMMENT ON COLUMN payment.credit.given_back_minor IS 'What was given back, in all';
COMMENT ON COLUMN payment.credit.note IS 'How it was given back last';
CREATE INDEX credit_open_idx ON payment.credit (tenant_id, id DESC) WHERE amount_minor > 0;
SELECT platform.protect('payment.credit');
