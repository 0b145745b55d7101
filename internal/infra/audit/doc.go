// Package audit records who did and saw what, and proves that the record was not touched.
//
// An entry is written by the transaction that acts (Record) or looks at personal data (Read, ReadList), so there is no act without
// an entry and no entry without an act. Entries hold ids, codes and numbers, never names, contacts or answers. The application
// may insert and read them and nothing else but erase what leads to somebody (Forget); a trigger refuses all other changes.
//
// Each entry carries the hash of its content, its leaf. A job puts committed entries into their order and lets a Merkle tree
// grow over the leaves (RFC 6962), one for each tenant, so that whoever gets past the database's rights still cannot alter,
// remove or reorder entries unnoticed. Checkpoints, signed statements of size and root, are sent to places outside; against
// them a cut-off end shows as well.
//
// Tables: entry, sequence (the log), chain (where an older chain of hashes ended), checkpoint, sink, delivery, verification,
// export. Jobs: audit.sequence every minute, audit.push every hour, audit.weekly, audit.verify, audit.export. No events.
package audit
