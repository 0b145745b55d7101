ALTER TABLE identity.federated DROP COLUMN subject;
