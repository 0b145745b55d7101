CREATE SCHEMA platform;
COMMENT ON SCHEMA platform IS 'Technical ground: the directory of tenants, the event outbox and timers';
GRANT USAGE ON SCHEMA platform TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA platform GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

-- The setting is absent before the first transaction of a connection and the empty string after it: both mean "no tenant".
CREATE FUNCTION platform.current_tenant() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT NULLIF(current_setting('app.tenant', true), '')::uuid $$;
COMMENT ON FUNCTION platform.current_tenant() IS 'The tenant of this transaction, or NULL. In policies written (SELECT platform.current_tenant()), so that it is evaluated once per query';

CREATE FUNCTION platform.protect(target regclass) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  -- without FORCE the owner would be exempt
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY tenant_isolation ON %s USING (tenant_id = (SELECT platform.current_tenant())) WITH CHECK (tenant_id = (SELECT platform.current_tenant()))', target);
END
$$;
COMMENT ON FUNCTION platform.protect(regclass) IS 'Puts a tenant table under row level security with the one standard policy. For migrations';
REVOKE EXECUTE ON FUNCTION platform.protect(regclass) FROM PUBLIC;

CREATE TABLE platform.tenant (
  id uuid NOT NULL,
  slug text NOT NULL,
  kind text NOT NULL,
  clock_offset interval NOT NULL DEFAULT '0',
  status text NOT NULL DEFAULT 'active',
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT tenant_pkey PRIMARY KEY (id),
  CONSTRAINT tenant_slug_key UNIQUE (slug),
  CONSTRAINT tenant_slug_check CHECK (slug ~ '^[a-z][a-z0-9-]{1,38}$'),
  CONSTRAINT tenant_kind_check CHECK (kind IN ('production', 'sandbox', 'demo')),
  CONSTRAINT tenant_status_check CHECK (status IN ('active', 'suspended')),
  CONSTRAINT tenant_clock_fixed_check CHECK (kind <> 'production' OR clock_offset = '0'),
  CONSTRAINT tenant_clock_forward_check CHECK (clock_offset >= '0')
);
COMMENT ON TABLE platform.tenant IS 'Directory of tenants. No row security: it is read before a tenant is known';
COMMENT ON COLUMN platform.tenant.clock_offset IS 'How far this tenant''s clock is ahead of real time; always zero in production';
REVOKE DELETE ON platform.tenant FROM digit_app;

CREATE TABLE platform.domain (
  host text NOT NULL,
  tenant_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT domain_pkey PRIMARY KEY (host),
  CONSTRAINT domain_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenant (id),
  CONSTRAINT domain_host_check CHECK (host = lower(host) AND host <> '')
);
COMMENT ON TABLE platform.domain IS 'Host names by which a tenant is reached. No row security: it is read before a tenant is known';
CREATE INDEX domain_tenant_id_idx ON platform.domain (tenant_id);

CREATE TABLE platform.event (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  name text NOT NULL,
  subject text NOT NULL,
  time timestamptz NOT NULL,
  actor jsonb NOT NULL,
  data jsonb NOT NULL,
  CONSTRAINT event_pkey PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE platform.event IS 'Events published by modules, written by the transaction that made the facts; append only';
COMMENT ON COLUMN platform.event.time IS 'When it happened, on the tenant''s clock';
COMMENT ON COLUMN platform.event.actor IS 'Who did it: kind and ids, never names or addresses';
CREATE INDEX event_name_time_idx ON platform.event (tenant_id, name, time);
CREATE INDEX event_subject_idx ON platform.event (tenant_id, subject, time);
SELECT platform.protect('platform.event');
REVOKE UPDATE, DELETE ON platform.event FROM digit_app;

CREATE TABLE platform.timer (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  key text NOT NULL,
  due_at timestamptz NOT NULL,
  kind text NOT NULL,
  args jsonb NOT NULL,
  CONSTRAINT timer_pkey PRIMARY KEY (tenant_id, key)
);
COMMENT ON TABLE platform.timer IS 'Jobs that wait for a moment on the tenant''s clock; a sweep turns due ones into jobs';
COMMENT ON COLUMN platform.timer.key IS 'Names the timer, so that it can be moved or cancelled';
COMMENT ON COLUMN platform.timer.due_at IS 'On the tenant''s clock, which a demonstration can move forward';
CREATE INDEX timer_due_at_idx ON platform.timer (tenant_id, due_at);
SELECT platform.protect('platform.timer');
