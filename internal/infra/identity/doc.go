// Package identity knows who somebody is and what they may do: people who use services, staff who provide them.
//
// One proves oneself with a one-time code sent to a telephone or mailbox, or at an OpenID provider that the tenant
// trusts. A first success registers a person; staff are entered by an administrator. A session follows, carried by a
// random token of which only the digest is stored. Permissions ("payment:refund") come through roles, which are granted
// for the whole tenant or for one agency and area, for a time or for good.
//
// Names and addresses are sealed with the person's key; addresses are found by blind index, staff also by the beginnings
// of their names. An answer never tells whether an address is known.
//
// Tables: account, name_token, contact, code, session, role, role_grant, provider, federated, federation_state. Job:
// identity.sweep, daily. No events. Every change stands in the audit record.
package identity
