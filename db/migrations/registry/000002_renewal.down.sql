DROP INDEX registry.version_holder_idx;
DROP INDEX registry.record_holder_idx;
