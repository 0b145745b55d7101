CREATE TABLE orchestration.spot (
  tenant_id      uuid        NOT NULL DEFAULT platform.current_tenant(),
  application_id uuid        NOT NULL,
  service        text        NOT NULL,
  lat            int         NOT NULL,
  lng            int         NOT NULL,
  received_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, application_id),
  CONSTRAINT spot_application_fkey FOREIGN KEY (tenant_id, application_id) REFERENCES orchestration.application (tenant_id, id)
);
COMMENT ON TABLE orchestration.spot IS 'Where problems in public places were reported, so that who reports the same one is told';
COMMENT ON COLUMN orchestration.spot.lat IS 'Millionths of a degree (WGS 84), like lng';
CREATE INDEX spot_place_idx ON orchestration.spot (tenant_id, service, lat, lng);
SELECT platform.protect('orchestration.spot');

CREATE TABLE orchestration.follower (
  tenant_id      uuid        NOT NULL DEFAULT platform.current_tenant(),
  application_id uuid        NOT NULL,
  person_id      uuid        NOT NULL,
  lang           text        NOT NULL,
  since          timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, application_id, person_id),
  CONSTRAINT follower_application_fkey FOREIGN KEY (tenant_id, application_id) REFERENCES orchestration.application (tenant_id, id)
);
COMMENT ON TABLE orchestration.follower IS 'Who has the same problem as somebody who reported it before, and is told when it is dealt with';
SELECT platform.protect('orchestration.follower');
