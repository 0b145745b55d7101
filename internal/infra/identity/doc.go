// Package identity knows who somebody is and what they may do: people who use services, staff who provide them.
//
// One proves oneself with a one-time code sent to a telephone or mailbox, a passkey (WebAuthn), a password (Argon2id) or
// at an OpenID provider that the tenant trusts; an authenticator app (TOTP) or a code on paper is a second step. A first
// success by code or provider registers a person; staff are entered by an administrator. A session follows, carried by a
// random token of which only the digest is stored; it says by what it was proved, how much that is worth (NIST SP
// 800-63B, level 1 or 2) and when. What reaches far asks for a proof of the last ten minutes, which gives the session a
// new token. Permissions ("payment:refund") come through roles, which are granted for the whole tenant or for one agency
// and area, for a time or for good.
//
// Names and addresses are sealed with the person's key; addresses are found by blind index, staff also by the beginnings
// of their names. An answer never tells whether an address is known, nor does the work it takes. What is guessed is
// counted before it is judged, for each account or unknown address, in the database: so many tries at once are no more
// than so many, in whichever process. Codes follow the tenant's clock; sessions, limits, passkeys and apps the machine's.
//
// Tables: account, name_token, contact, code, session, half_sign_in, device, password, passkey, ceremony, totp,
// recovery_code, attempt, role, role_grant, provider, federated, federation_state. Job: identity.sweep, daily. No events.
// Every change and every refusal stands in the audit record; owners are told of changes by message. Settings of the
// tenant: tenancy's StaffSecondFactor.
package identity
