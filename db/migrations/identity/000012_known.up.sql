CREATE TABLE identity.known_permission (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  permission text NOT NULL,
  known_at timestamptz NOT NULL,
  CONSTRAINT known_permission_pkey PRIMARY KEY (tenant_id, permission)
);
COMMENT ON TABLE identity.known_permission IS 'Permissions that the roles of the product have been given here once: one that a later release brings is not among them and is given then, one that an administrator took away stays away';
COMMENT ON COLUMN identity.known_permission.known_at IS 'Tenant''s clock';
SELECT platform.protect('identity.known_permission');
