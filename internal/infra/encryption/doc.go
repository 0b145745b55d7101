// Package encryption keeps what is written about people unreadable to whoever holds only the database, and lets
// agencies sign what they issue.
//
// Keys form an envelope. A root keyset is kept outside (RootKey: a file, the environment, a transit engine, a security module) and
// wraps the keysets of each tenant: one that wraps people's keys and seals what is nobody's, one for blind indexes, one for
// authentication codes, one for other systems and one for records that only grow. The first wraps one data key for each
// person, and what is sealed for a person is sealed with that key. Destroying the data key (Forget) makes everything sealed
// for the person unreadable at once, in every table, every process and every copy. Each sealed value is bound to its place
// (tenant, table, column, row), so that it cannot be moved to another.
//
// Every key can be changed while it is used (Rotate, RotateSigning, RotateRoot). A new key is made, used once every process
// knows it, and what stands under the old one is renewed batch by batch; modules tell what they keep sealed as a Column.
// What cannot be undone takes two (Propose, Decide). Without the root key a process runs sealed, and tries again by itself.
//
// Equality is searched through blind indexes: keyed digests of normalised values (package blind), different for every tenant
// and field. Signatures are ES256 (RFC 7515) by a key for each agency and use, named by its RFC 7638 thumbprint and
// published before it signs, as JWK Set and as did:web document.
//
// Tables: root_key, root_copy, tenant_key, key_version, person_key, signing_key, rotation, rotation_column, proposal. Jobs:
// encryption.tend every minute for each tenant, encryption.rotate. No events. Unwrapped keys are kept in memory, a bounded
// number for a bounded time; that one was changed or destroyed is heard over PostgreSQL's notices.
package encryption
