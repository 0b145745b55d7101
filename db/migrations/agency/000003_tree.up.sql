ALTER TABLE agency.agency
  ADD COLUMN parent text,
  ADD CONSTRAINT agency_parent_fkey FOREIGN KEY (tenant_id, parent) REFERENCES agency.agency (tenant_id, code),
  ADD CONSTRAINT agency_self_check CHECK (parent <> code);
COMMENT ON COLUMN agency.agency.parent IS 'The agency above it; there are no circles. It gives the people of the agency above nothing to see or do here';
CREATE INDEX agency_parent_idx ON agency.agency (tenant_id, parent);
