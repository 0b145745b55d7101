DROP INDEX channel.heard_open_idx;
ALTER TABLE channel.heard DROP COLUMN late;
ALTER TABLE channel.heard DROP COLUMN sent_at;
