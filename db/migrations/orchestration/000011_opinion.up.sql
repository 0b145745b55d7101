CREATE TABLE orchestration.opinion (
  tenant_id      uuid        NOT NULL DEFAULT platform.current_tenant(),
  id             uuid        NOT NULL,
  application_id uuid        NOT NULL,
  code           text        NOT NULL,
  state          text        NOT NULL,
  agency         text        NOT NULL,
  seen           text        NOT NULL,
  status         text        NOT NULL CHECK (status IN ('open', 'given', 'recalled', 'replaced')),
  answer         text        NOT NULL DEFAULT '' CHECK (answer IN ('', 'no_objection', 'conditions', 'objection', 'silent')),
  words          bytea,
  files          bytea,
  asked_at       timestamptz NOT NULL,
  due_at         timestamptz NOT NULL,
  reminders      int         NOT NULL DEFAULT 0,
  closed_at      timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT opinion_application_fkey FOREIGN KEY (tenant_id, application_id) REFERENCES orchestration.application (tenant_id, id)
);
COMMENT ON TABLE orchestration.opinion IS 'What other agencies were asked about an application, and what they answered';
COMMENT ON COLUMN orchestration.opinion.id IS 'Of the request in the exchange too';
COMMENT ON COLUMN orchestration.opinion.code IS 'The service''s';
COMMENT ON COLUMN orchestration.opinion.state IS 'In which it was asked';
COMMENT ON COLUMN orchestration.opinion.seen IS 'Digest of the answers that the agency was shown';
COMMENT ON COLUMN orchestration.opinion.status IS 'replaced: given on answers that were corrected since';
COMMENT ON COLUMN orchestration.opinion.words IS 'Sealed under the person''s key: the agency''s own';
COMMENT ON COLUMN orchestration.opinion.files IS 'Sealed: ids, names, types and sizes of the documents that go with it';
COMMENT ON COLUMN orchestration.opinion.closed_at IS 'When it came or was recalled';
CREATE INDEX opinion_application_idx ON orchestration.opinion (tenant_id, application_id, asked_at);
CREATE UNIQUE INDEX opinion_current_key ON orchestration.opinion (tenant_id, application_id, code) WHERE status IN ('open', 'given');
SELECT platform.protect('orchestration.opinion');

CREATE TABLE orchestration.consultation (
  tenant_id   uuid        NOT NULL DEFAULT platform.current_tenant(),
  id          uuid        NOT NULL,
  agency      text        NOT NULL,
  asker       text        NOT NULL,
  service     text        NOT NULL,
  version     int         NOT NULL,
  code        text        NOT NULL,
  reference   text        NOT NULL,
  person_id   uuid        NOT NULL,
  shown       bytea       NOT NULL,
  status      text        NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'answered', 'recalled')),
  answer      text        NOT NULL DEFAULT '' CHECK (answer IN ('', 'no_objection', 'conditions', 'objection')),
  words       bytea,
  files       bytea,
  asked_at    timestamptz NOT NULL,
  due_at      timestamptz NOT NULL,
  reminded_at timestamptz,
  answered_at timestamptz,
  answered_by uuid,
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE orchestration.consultation IS 'What agencies here are asked for their opinion on by others: what they are shown, and nothing else of the case';
COMMENT ON COLUMN orchestration.consultation.id IS 'Of the request in the exchange';
COMMENT ON COLUMN orchestration.consultation.agency IS 'Whose opinion is asked for';
COMMENT ON COLUMN orchestration.consultation.asker IS 'The agency whose case it is';
COMMENT ON COLUMN orchestration.consultation.person_id IS 'Under whose key shown, words and files are sealed; who that is is not shown';
COMMENT ON COLUMN orchestration.consultation.shown IS 'Sealed: answers by question';
CREATE INDEX consultation_due_idx ON orchestration.consultation (tenant_id, agency, due_at, id) WHERE status = 'open';
CREATE INDEX consultation_answered_idx ON orchestration.consultation (tenant_id, agency, asked_at DESC, id DESC);
CREATE INDEX consultation_person_idx ON orchestration.consultation (tenant_id, person_id);
SELECT platform.protect('orchestration.consultation');
