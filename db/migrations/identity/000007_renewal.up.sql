ALTER TABLE identity.federated ADD COLUMN subject bytea;
COMMENT ON COLUMN identity.federated.subject IS 'Issuer and subject, sealed for the account, so that the index can be made anew; empty for links of before, until their next sign-in';
