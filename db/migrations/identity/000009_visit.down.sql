DELETE FROM identity.code WHERE purpose = 'visit';
UPDATE identity.session SET delegation_id = NULL WHERE delegation_id IN (SELECT id FROM identity.delegation WHERE kind = 'visit');
DELETE FROM identity.delegation WHERE kind = 'visit';
ALTER TABLE identity.code
  DROP CONSTRAINT code_purpose_check, ADD CONSTRAINT code_purpose_check CHECK (purpose IN ('sign_in', 'confirm', 'contact'));
ALTER TABLE identity.delegation
  DROP CONSTRAINT delegation_kind_check, ADD CONSTRAINT delegation_kind_check CHECK (kind IN ('guardian', 'agent', 'helper')),
  DROP CONSTRAINT delegation_proof_check, ADD CONSTRAINT delegation_proof_check CHECK (proof IN ('sign-in', 'document')),
  DROP CONSTRAINT delegation_channel_check, ADD CONSTRAINT delegation_channel_check CHECK (channel IN ('sms', 'email'));
