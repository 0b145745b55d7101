// Package encryption keeps what is written about people unreadable to whoever holds only the database, and lets
// agencies sign what they issue.
//
// Keys form an envelope: the root keyset lives outside the database (a file that only the process may read, or a
// secret of the surroundings) and wraps three keysets of each tenant; the tenant's seal keyset wraps one data key for
// each person, and what is sealed for a person is sealed with that key. Destroying the data key (Forget) makes
// everything sealed for the person unreadable at once, in every table and every copy. Each sealed value is bound to
// its place (tenant, table, column, row), so that it cannot be moved to another.
//
// Equality is searched through blind indexes: keyed digests of normalised values, different for every tenant and field.
// Signatures are ES256 (RFC 7515); an agency's first signature makes its key, named by its RFC 7638 thumbprint.
//
// Tables: tenant_key, person_key, signing_key. No events, no jobs. Unwrapped keys are kept in memory, a bounded number
// for a bounded time: a key forgotten in one process can be used by another for one minute more.
package encryption
