DROP INDEX exchange.message_provider_idx;
ALTER TABLE exchange.message DROP COLUMN provider, DROP COLUMN attempts, DROP COLUMN problem;
ALTER TABLE exchange.route DROP COLUMN provider;
DROP TABLE exchange.provider_key;
DROP TABLE exchange.provider;
