CREATE TABLE profile.member (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  account_id uuid NOT NULL,
  about bytea NOT NULL,
  added_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  CONSTRAINT member_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT member_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES profile.person (tenant_id, account_id)
);
COMMENT ON TABLE profile.member IS 'People without an account for whom somebody applies: their children, parents, wards';
COMMENT ON COLUMN profile.member.account_id IS 'Whose household it is, and by whose key the row is sealed';
COMMENT ON COLUMN profile.member.about IS 'Sealed: name, date of birth, relation';
CREATE INDEX member_account_id_idx ON profile.member (tenant_id, account_id, id);
SELECT platform.protect('profile.member');
