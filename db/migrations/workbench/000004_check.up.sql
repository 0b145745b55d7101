CREATE TABLE workbench.verdict (
  tenant_id      uuid        NOT NULL DEFAULT platform.current_tenant(),
  id             uuid        NOT NULL,
  application_id uuid        NOT NULL,
  question       text        NOT NULL,
  fine           boolean     NOT NULL,
  reason         bytea,
  by_id          uuid        NOT NULL,
  at             timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE workbench.verdict IS 'What an officer found when they checked an answer: that it is right, or what is wrong with it. The last counts';
COMMENT ON COLUMN workbench.verdict.reason IS 'What is wrong, for the citizen. Sealed under the key of the person whose case it is';
CREATE UNIQUE INDEX verdict_question_key ON workbench.verdict (tenant_id, application_id, question);
SELECT platform.protect('workbench.verdict');

CREATE TABLE workbench.twin (
  tenant_id uuid        NOT NULL DEFAULT platform.current_tenant(),
  id        uuid        NOT NULL,
  first_id  uuid        NOT NULL,
  second_id uuid        NOT NULL,
  same      boolean     NOT NULL,
  reason    bytea       NOT NULL,
  by_id     uuid        NOT NULL,
  at        timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT twin_order_check CHECK (first_id < second_id)
);
COMMENT ON TABLE workbench.twin IS 'Two applications of which an officer has said that they are the same, or that they are not. The last word counts';
COMMENT ON COLUMN workbench.twin.reason IS 'Sealed under the key of the person of the first';
CREATE UNIQUE INDEX twin_pair_key ON workbench.twin (tenant_id, first_id, second_id);
CREATE INDEX twin_second_idx ON workbench.twin (tenant_id, second_id);
SELECT platform.protect('workbench.twin');
