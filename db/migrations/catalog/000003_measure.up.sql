CREATE TABLE catalog.measure (
  tenant_id      uuid        NOT NULL DEFAULT platform.current_tenant(),
  service        text        NOT NULL,
  received       bigint      NOT NULL CHECK (received >= 0),
  decided        bigint      NOT NULL CHECK (decided >= 0),
  median_seconds bigint      NOT NULL CHECK (median_seconds >= 0),
  most_seconds   bigint      NOT NULL CHECK (most_seconds >= median_seconds),
  measured_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, service),
  CONSTRAINT measure_service_fkey FOREIGN KEY (tenant_id, service) REFERENCES catalog.service (tenant_id, code)
);
COMMENT ON TABLE catalog.measure IS 'How much a service was asked for in the last 90 days and how long it really took; a service that nobody asked for has no row';
COMMENT ON COLUMN catalog.measure.decided IS 'Cases that were decided, those left out that the citizen withdrew';
COMMENT ON COLUMN catalog.measure.median_seconds IS 'Working time that half of the decided took at most, pauses not counted';
COMMENT ON COLUMN catalog.measure.most_seconds IS 'Working time that nine of ten took at most';
CREATE INDEX measure_received_idx ON catalog.measure (tenant_id, received, service);
SELECT platform.protect('catalog.measure');
