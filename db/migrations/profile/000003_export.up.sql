CREATE TABLE profile.export (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  account_id uuid NOT NULL,
  lang text NOT NULL,
  status text NOT NULL,
  document_id uuid,
  asked_at timestamptz NOT NULL,
  ready_at timestamptz,
  expires_at timestamptz,
  CONSTRAINT export_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT export_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES profile.person (tenant_id, account_id),
  CONSTRAINT export_status_check CHECK (status IN ('making', 'ready', 'expired'))
);
COMMENT ON TABLE profile.export IS 'Copies of all that the state keeps about a person, made when they ask for it, and gone after a week';
COMMENT ON COLUMN profile.export.document_id IS 'The archive in document; empty until it is made, and once it is gone';
CREATE INDEX export_account_id_idx ON profile.export (tenant_id, account_id, id);
SELECT platform.protect('profile.export');

CREATE TABLE profile.erasure (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  account_id uuid NOT NULL,
  status text NOT NULL,
  asked_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  kept_until timestamptz,
  ended_at timestamptz,
  CONSTRAINT erasure_pkey PRIMARY KEY (tenant_id, account_id),
  CONSTRAINT erasure_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES profile.person (tenant_id, account_id),
  CONSTRAINT erasure_status_check CHECK (status IN ('asked', 'undone', 'blocked', 'closed', 'erased'))
);
COMMENT ON TABLE profile.erasure IS 'Who asked to be erased, and how far it is';
COMMENT ON COLUMN profile.erasure.status IS 'asked: in the days of reflection; undone by the person; blocked by a request still open; closed: the account is gone, what the law keeps is not yet; erased: the key is destroyed';
COMMENT ON COLUMN profile.erasure.kept_until IS 'Until when the law keeps records; empty where it keeps none';
SELECT platform.protect('profile.erasure');
