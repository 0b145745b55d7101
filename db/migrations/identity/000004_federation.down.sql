ALTER TABLE identity.account DROP COLUMN emergency, DROP COLUMN suspended_by;
DROP TABLE identity.staff_door, identity.grant_rule, identity.logout_token, identity.federated_session;
ALTER TABLE identity.half_sign_in DROP COLUMN voucher;
ALTER TABLE identity.federated DROP COLUMN used_at;
ALTER TABLE identity.federation_state DROP COLUMN account_id;
ALTER TABLE identity.provider DROP COLUMN discovery, DROP COLUMN userinfo_url, DROP COLUMN end_session_url, DROP COLUMN token_auth, DROP COLUMN iss_required,
  DROP COLUMN acr, DROP COLUMN levels, DROP COLUMN trust_email, DROP COLUMN create_people, DROP COLUMN create_staff, DROP COLUMN checked_at, DROP COLUMN problem;
