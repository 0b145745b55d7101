CREATE TABLE identity.directory (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  code text NOT NULL,
  name jsonb NOT NULL,
  url text NOT NULL,
  start_tls boolean NOT NULL,
  authority text NOT NULL,
  plain boolean NOT NULL,
  bind_dn text NOT NULL,
  password bytea NOT NULL,
  base text NOT NULL,
  filter text NOT NULL,
  login_attributes text[] NOT NULL,
  id_attribute text NOT NULL,
  name_attribute text NOT NULL,
  email_attribute text NOT NULL,
  phone_attribute text NOT NULL,
  groups_attribute text NOT NULL,
  disabled_when text NOT NULL,
  level smallint NOT NULL,
  create_staff boolean NOT NULL,
  staff_by_email boolean NOT NULL,
  enabled boolean NOT NULL,
  changed_at timestamptz NOT NULL,
  CONSTRAINT directory_pkey PRIMARY KEY (tenant_id, code),
  CONSTRAINT directory_code_check CHECK (code ~ '^[a-z][a-z0-9-]{1,62}$'),
  CONSTRAINT directory_level_check CHECK (level IN (1, 2))
);
COMMENT ON TABLE identity.directory IS 'LDAP directories by which staff may sign in';
COMMENT ON COLUMN identity.directory.authority IS 'Certificates (PEM) by one of which the server''s is signed; empty for those that the machine trusts';
COMMENT ON COLUMN identity.directory.plain IS 'An administrator agreed that passwords go over the network in the clear';
COMMENT ON COLUMN identity.directory.password IS 'Of bind_dn, sealed with the tenant''s key';
COMMENT ON COLUMN identity.directory.filter IS 'Who of the directory is staff (RFC 4515)';
COMMENT ON COLUMN identity.directory.disabled_when IS 'CEL over attributes and groups: who is shut out there is shut out here';
SELECT platform.protect('identity.directory');

CREATE TABLE identity.directory_link (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  directory text NOT NULL,
  entry_index bytea NOT NULL,
  entry bytea NOT NULL,
  account_id uuid NOT NULL,
  linked_at timestamptz NOT NULL,
  used_at timestamptz,
  CONSTRAINT directory_link_pkey PRIMARY KEY (tenant_id, directory, entry_index),
  CONSTRAINT directory_link_key UNIQUE (tenant_id, account_id, directory),
  CONSTRAINT directory_link_directory_fkey FOREIGN KEY (tenant_id, directory) REFERENCES identity.directory (tenant_id, code),
  CONSTRAINT directory_link_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES identity.account (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE identity.directory_link IS 'Which account somebody has whom a directory knows';
COMMENT ON COLUMN identity.directory_link.entry_index IS 'Blind index of what the directory calls the entry for good (entryUUID, objectGUID)';
COMMENT ON COLUMN identity.directory_link.entry IS 'The same, sealed for the account, so that the index can be made anew';
SELECT platform.protect('identity.directory_link');

CREATE TABLE identity.directory_try (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  login_index bytea NOT NULL,
  ip_index bytea NOT NULL,
  tried_at timestamptz NOT NULL,
  CONSTRAINT directory_try_pkey PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE identity.directory_try IS 'Passwords tried at directories and not known to be right, so that guessing has an end. Known and unknown logins have the same rows';
COMMENT ON COLUMN identity.directory_try.tried_at IS 'Machine''s clock: limits are not outwitted by time travel';
CREATE INDEX directory_try_login_idx ON identity.directory_try (tenant_id, login_index, tried_at);
CREATE INDEX directory_try_ip_idx ON identity.directory_try (tenant_id, ip_index, tried_at);
CREATE INDEX directory_try_tried_at_idx ON identity.directory_try (tenant_id, tried_at);
SELECT platform.protect('identity.directory_try');

CREATE TABLE identity.directory_sync (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  directory text NOT NULL,
  state text NOT NULL,
  dry_run boolean NOT NULL,
  asked_by uuid,
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  entries integer NOT NULL DEFAULT 0,
  linked integer NOT NULL DEFAULT 0,
  problem text NOT NULL DEFAULT '',
  CONSTRAINT directory_sync_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT directory_sync_directory_fkey FOREIGN KEY (tenant_id, directory) REFERENCES identity.directory (tenant_id, code),
  CONSTRAINT directory_sync_state_check CHECK (state IN ('reading', 'applying', 'held', 'done', 'failed', 'dropped'))
);
COMMENT ON TABLE identity.directory_sync IS 'Comparisons of the accounts with a directory, and what came of them';
COMMENT ON COLUMN identity.directory_sync.state IS 'held: would shut out so many that somebody must say so; dropped: nobody did, or a later one took its place';
COMMENT ON COLUMN identity.directory_sync.asked_by IS 'Who asked for it or let it go on; null for the hourly one';
COMMENT ON COLUMN identity.directory_sync.started_at IS 'Machine''s clock, like finished_at';
CREATE INDEX directory_sync_directory_idx ON identity.directory_sync (tenant_id, directory, started_at);
SELECT platform.protect('identity.directory_sync');

CREATE TABLE identity.directory_change (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  sync_id uuid NOT NULL,
  account_id uuid NOT NULL,
  act text NOT NULL,
  why text NOT NULL,
  grants jsonb NOT NULL,
  applied_at timestamptz,
  CONSTRAINT directory_change_pkey PRIMARY KEY (tenant_id, sync_id, account_id),
  CONSTRAINT directory_change_sync_id_fkey FOREIGN KEY (tenant_id, sync_id) REFERENCES identity.directory_sync (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT directory_change_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES identity.account (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT directory_change_act_check CHECK (act IN ('none', 'suspend', 'restore', 'grants')),
  CONSTRAINT directory_change_why_check CHECK (why IN ('', 'disabled', 'gone', 'groups', 'enabled'))
);
COMMENT ON TABLE identity.directory_change IS 'What a comparison found of each account: the plan, and what of it was done';
COMMENT ON COLUMN identity.directory_change.grants IS 'Roles that follow from the directory''s groups: role, agency, boundary';
CREATE INDEX directory_change_account_id_idx ON identity.directory_change (tenant_id, account_id);
SELECT platform.protect('identity.directory_change');
