ALTER TABLE identity.delegation
  DROP CONSTRAINT delegation_kind_check, ADD CONSTRAINT delegation_kind_check CHECK (kind IN ('guardian', 'agent', 'helper', 'visit')),
  DROP CONSTRAINT delegation_proof_check, ADD CONSTRAINT delegation_proof_check CHECK (proof IN ('sign-in', 'document', 'code')),
  DROP CONSTRAINT delegation_channel_check, ADD CONSTRAINT delegation_channel_check CHECK (channel IN ('sms', 'email', 'desk'));
ALTER TABLE identity.code
  DROP CONSTRAINT code_purpose_check, ADD CONSTRAINT code_purpose_check CHECK (purpose IN ('sign_in', 'confirm', 'contact', 'visit'));
COMMENT ON COLUMN identity.delegation.kind IS 'What the delegate is to the person; visit: the member of staff whom they stand before at a counter';
COMMENT ON COLUMN identity.delegation.proof IS 'What the right rests on: the person''s own fresh sign-in, a code that they told at a counter, or a document that an office has seen';
COMMENT ON COLUMN identity.code.purpose IS 'To sign in, to confirm that it is still oneself, to prove a new address, or to agree at a counter that somebody acts; a code is good for nothing else';
