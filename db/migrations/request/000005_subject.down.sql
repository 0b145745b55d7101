ALTER TABLE request.request DROP COLUMN subject_id;
