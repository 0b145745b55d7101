CREATE UNLOGGED TABLE platform.quota (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  key bytea NOT NULL,
  begun_at timestamptz NOT NULL,
  n int NOT NULL,
  CONSTRAINT quota_pkey PRIMARY KEY (tenant_id, key, begun_at)
);
COMMENT ON TABLE platform.quota IS 'How often somebody did something that costs others, for a day; lost in a crash, which is no harm';
COMMENT ON COLUMN platform.quota.key IS 'A blind index of who and what';
COMMENT ON COLUMN platform.quota.begun_at IS 'Of the span in which it is counted, on the machine''s clock';
SELECT platform.protect('platform.quota');
