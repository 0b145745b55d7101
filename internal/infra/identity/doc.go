// Package identity knows who somebody is and what they may do: people who use services, staff who provide them.
//
// One proves oneself with a one-time code sent to a telephone or mailbox, a passkey (WebAuthn), a password (Argon2id) or
// at what the tenant already has: OpenID providers, several at once (package oidc speaks with them), and for staff LDAP
// directories (package ldap). An authenticator app (TOTP) or a code on paper is a second step. A first success by code or
// provider registers a person; staff are entered by an administrator, or get an account where a rule gives them a role. A
// session follows, carried by a random token of which only the digest is stored; it says by what it was proved, how much
// that is worth (NIST SP 800-63B, level 1 or 2; a provider's word counts as its administrator has said) and when. What
// reaches far asks for a proof of the last ten minutes, which gives the session a new token. Permissions ("payment:refund")
// come through roles, which are granted for the whole tenant or for one agency and area, for a time or for good.
//
// Rules (CEL) over what a provider or directory says of somebody give roles: at every sign-in the grants of that source are
// replaced, so that a group lost there is lost here. An address that a provider names opens no account that is there
// already, unless an administrator entered it and said that the provider's word is enough: accounts are linked by who is
// signed in to one and signs in at the other. Sign-outs at a provider end the sessions that stand on it. The accounts are
// compared with each directory every hour; who is shut out there is out here, but not more than a few at once without
// somebody saying so. Staff may be made to come through others alone, with a few emergency accounts for when these are away.
//
// Names and addresses are sealed with the person's key; addresses are found by blind index, staff also by the beginnings
// of their names. An answer never tells whether an address is known, nor does the work it takes. What is guessed is
// counted before it is judged, for each account or unknown address, in the database: so many tries at once are no more
// than so many, in whichever process. Codes follow the tenant's clock; sessions, limits, passkeys and apps the machine's.
//
// Who wants no account applies as a guest: a person with a key of their own who cannot sign in, reached at an address that a code
// proves, and found again by a reference and a code to that address. Whoever proves the same address for an account has what they
// applied for before (see pg.Actor.Owns).
//
// Tables: account, name_token, contact, guest, code, session, half_sign_in, device, password, passkey, ceremony, totp,
// recovery_code, attempt, role, known_permission, role_grant, grant_rule, provider, federated, federation_state, federated_session,
// logout_token, staff_door, directory, directory_link, directory_try, directory_sync, directory_change. Jobs:
// identity.sweep, daily; identity.discover and identity.sync_all, hourly; identity.sync. No events. Every change and every
// refusal stands in the audit record; owners are told of changes by message. Settings of the tenant: tenancy's
// StaffSecondFactor.
package identity
