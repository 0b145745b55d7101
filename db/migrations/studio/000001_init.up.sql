CREATE SCHEMA studio;
GRANT USAGE ON SCHEMA studio TO digit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA studio GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO digit_app;

CREATE TABLE studio.draft (
  tenant_id    uuid        NOT NULL DEFAULT platform.current_tenant(),
  id           uuid        NOT NULL,
  code         text        NOT NULL CHECK (code <> ''),
  agency       text        NOT NULL CHECK (agency <> ''),
  name         jsonb       NOT NULL,
  sort_name    text        COLLATE "C" NOT NULL,
  base         integer     NOT NULL CHECK (base >= 0),
  head         integer     NOT NULL CHECK (head > 0),
  last         integer     NOT NULL CHECK (last >= head),
  created_at   timestamptz NOT NULL,
  created_by   uuid        NOT NULL,
  changed_at   timestamptz NOT NULL,
  changed_by   uuid        NOT NULL,
  discarded_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE studio.draft IS 'Services in the making: one draft for each service, whose content is its head revision';
COMMENT ON COLUMN studio.draft.sort_name IS 'The name in the agency''s language, in lower case, by which lists are sorted and searched';
COMMENT ON COLUMN studio.draft.base IS 'The published version it follows: the one it began with, or the last that was published from it; 0: none yet';
COMMENT ON COLUMN studio.draft.head IS 'The revision that the draft is at; undo and redo move it';
COMMENT ON COLUMN studio.draft.last IS 'The highest number of its revisions';
COMMENT ON COLUMN studio.draft.discarded_at IS 'When it was thrown away; it can be taken back for 30 days';
CREATE UNIQUE INDEX draft_code_key ON studio.draft (tenant_id, code) WHERE discarded_at IS NULL;
CREATE INDEX draft_changed_idx ON studio.draft (tenant_id, changed_at DESC, id);
CREATE INDEX draft_name_idx ON studio.draft (tenant_id, sort_name, id);
SELECT platform.protect('studio.draft');

CREATE TABLE studio.revision (
  tenant_id uuid        NOT NULL DEFAULT platform.current_tenant(),
  draft_id  uuid        NOT NULL,
  no        integer     NOT NULL CHECK (no > 0),
  parent    integer     NOT NULL CHECK (parent >= 0 AND parent < no),
  pack      bytea       NOT NULL,
  hash      text        NOT NULL,
  step      text        NOT NULL CHECK (step <> ''),
  args      jsonb       NOT NULL,
  at        timestamptz NOT NULL,
  by_id     uuid        NOT NULL,
  PRIMARY KEY (tenant_id, draft_id, no),
  CONSTRAINT revision_draft_fkey FOREIGN KEY (tenant_id, draft_id) REFERENCES studio.draft (tenant_id, id)
);
COMMENT ON TABLE studio.revision IS 'What a draft said after each change. A row never changes';
COMMENT ON COLUMN studio.revision.parent IS 'The revision that was changed, to which undo leads; 0: the draft began';
COMMENT ON COLUMN studio.revision.pack IS 'The whole definition as canonical JSON, from which its hash is taken';
COMMENT ON COLUMN studio.revision.step IS 'What was done, as a code; args fill its sentence';
CREATE INDEX revision_parent_idx ON studio.revision (tenant_id, draft_id, parent, no);
SELECT platform.protect('studio.revision');

CREATE FUNCTION studio.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a revision never changes' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'revision_unchanging';
END $$;
CREATE TRIGGER revision_unchanging BEFORE UPDATE ON studio.revision FOR EACH ROW EXECUTE FUNCTION studio.refuse_change();

CREATE TABLE studio.proposal (
  tenant_id   uuid        NOT NULL DEFAULT platform.current_tenant(),
  id          uuid        NOT NULL,
  draft_id    uuid,
  revision    integer     NOT NULL,
  way         text        NOT NULL CHECK (way IN ('draft', 'file', 'rollback')),
  code        text        NOT NULL,
  agency      text        NOT NULL,
  name        jsonb       NOT NULL,
  pack        bytea       NOT NULL,
  hash        text        NOT NULL,
  base        integer     NOT NULL,
  authors     uuid[]      NOT NULL,
  state       text        NOT NULL CHECK (state IN ('waiting', 'withdrawn', 'refused', 'scheduled', 'published', 'failed')),
  comment     text        NOT NULL,
  at          timestamptz NOT NULL,
  by_id       uuid        NOT NULL,
  decided_at  timestamptz,
  decided_by  uuid,
  answer      text        NOT NULL,
  publish_on  date,
  version     integer     NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE studio.proposal IS 'Versions put up for publication, and what became of them';
COMMENT ON COLUMN studio.proposal.way IS 'draft: a second person decides; file: an administrator''s shortcut; rollback: an earlier version, which was decided before';
COMMENT ON COLUMN studio.proposal.base IS 'The version that was live when it was proposed, with which it is compared; 0: none';
COMMENT ON COLUMN studio.proposal.authors IS 'Who wrote it: none of them decides';
COMMENT ON COLUMN studio.proposal.answer IS 'What the second person said, or why it could not be published';
COMMENT ON COLUMN studio.proposal.publish_on IS 'The day in the tenant''s zone on which it is to be published; NULL: at once';
COMMENT ON COLUMN studio.proposal.version IS 'The version it became; 0: none yet';
CREATE UNIQUE INDEX proposal_open_key ON studio.proposal (tenant_id, code) WHERE state IN ('waiting', 'scheduled');
CREATE INDEX proposal_state_idx ON studio.proposal (tenant_id, state, at DESC, id);
CREATE INDEX proposal_code_idx ON studio.proposal (tenant_id, code, at DESC, id);
SELECT platform.protect('studio.proposal');

CREATE TABLE studio.presence (
  tenant_id uuid        NOT NULL DEFAULT platform.current_tenant(),
  draft_id  uuid        NOT NULL,
  account   uuid        NOT NULL,
  part      text        NOT NULL,
  spot      text        NOT NULL,
  at        timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, draft_id, account),
  CONSTRAINT presence_draft_fkey FOREIGN KEY (tenant_id, draft_id) REFERENCES studio.draft (tenant_id, id)
);
COMMENT ON TABLE studio.presence IS 'Who has which part of a draft open, by the machine''s clock';
SELECT platform.protect('studio.presence');
