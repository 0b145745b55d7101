ALTER TABLE tenancy.setting ADD COLUMN wording uuid;
COMMENT ON COLUMN tenancy.setting.wording IS 'Version of the tenant''s own wording, another with every change of it; NULL where it never had any';

CREATE TABLE tenancy.language (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  code text NOT NULL,
  name text NOT NULL,
  added_at timestamptz NOT NULL,
  added_by uuid,
  CONSTRAINT language_pkey PRIMARY KEY (tenant_id, code)
);
COMMENT ON TABLE tenancy.language IS 'Languages that the product does not have and the tenant translates itself';
COMMENT ON COLUMN tenancy.language.code IS 'BCP 47';
COMMENT ON COLUMN tenancy.language.name IS 'In itself';
SELECT platform.protect('tenancy.language');

CREATE TABLE tenancy.wording (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  lang text NOT NULL,
  key text NOT NULL,
  text jsonb NOT NULL,
  source jsonb NOT NULL,
  changed_at timestamptz NOT NULL,
  changed_by uuid,
  CONSTRAINT wording_pkey PRIMARY KEY (tenant_id, lang, key)
);
COMMENT ON TABLE tenancy.wording IS 'What the tenant says otherwise than the product, or in languages that it does not have';
COMMENT ON COLUMN tenancy.wording.key IS 'Of the product''s catalogue';
COMMENT ON COLUMN tenancy.wording.text IS 'By plural form (CLDR)';
COMMENT ON COLUMN tenancy.wording.source IS 'What the product said in English when this was written: it may say something else by now';
SELECT platform.protect('tenancy.wording');

CREATE TABLE tenancy.wording_act (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  lang text NOT NULL,
  kind text NOT NULL,
  state text NOT NULL,
  begun_at timestamptz NOT NULL,
  begun_by uuid,
  ended_at timestamptz,
  ended_by uuid,
  undoes uuid,
  CONSTRAINT wording_act_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT wording_act_kind_check CHECK (kind IN ('edit', 'import', 'undo')),
  CONSTRAINT wording_act_state_check CHECK (state IN ('checked', 'done', 'undone', 'discarded'))
);
COMMENT ON TABLE tenancy.wording_act IS 'The history of the wording: each change of a text, each file taken in or only looked at, each undoing';
COMMENT ON COLUMN tenancy.wording_act.state IS 'checked: a file that was looked at and nothing done yet';
COMMENT ON COLUMN tenancy.wording_act.ended_at IS 'When it was undone or given up';
COMMENT ON COLUMN tenancy.wording_act.undoes IS 'The act that this one undid';
CREATE INDEX wording_act_lang_idx ON tenancy.wording_act (tenant_id, lang, id);
SELECT platform.protect('tenancy.wording_act');

CREATE TABLE tenancy.wording_change (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  act uuid NOT NULL,
  number integer NOT NULL,
  key text NOT NULL,
  outcome text NOT NULL,
  before jsonb,
  after jsonb,
  CONSTRAINT wording_change_pkey PRIMARY KEY (tenant_id, act, number),
  CONSTRAINT wording_change_act_fkey FOREIGN KEY (tenant_id, act) REFERENCES tenancy.wording_act (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT wording_change_outcome_check CHECK (outcome IN ('new', 'changed', 'removed', 'same', 'moved', 'refused', 'kept'))
);
COMMENT ON TABLE tenancy.wording_change IS 'What an act did, or would do, text by text';
COMMENT ON COLUMN tenancy.wording_change.number IS 'Place in the act, from 1: the row of a file';
COMMENT ON COLUMN tenancy.wording_change.before IS 'The tenant''s own text before; NULL for none';
COMMENT ON COLUMN tenancy.wording_change.after IS 'The tenant''s own text after; NULL for none. Of a refused row what it said';
CREATE INDEX wording_change_key_idx ON tenancy.wording_change (tenant_id, key, act);
SELECT platform.protect('tenancy.wording_change');
