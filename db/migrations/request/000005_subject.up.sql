ALTER TABLE request.request ADD COLUMN subject_id uuid;
COMMENT ON COLUMN request.request.subject_id IS 'For whom of the person''s household it is; empty for the person, or where it was not asked';
