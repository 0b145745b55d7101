// Package audit records who did what to what, and proves that the record was not touched.
//
// An entry is written by the transaction that acts (Record), so there is no act without an entry and no entry without an
// act. Entries hold ids, codes and numbers, never names, contacts or answers. The application may insert and read
// them and nothing else, and a trigger refuses changes by anybody. Each entry carries a hash of its content; a job
// chains the hashes, so that whoever gets past both still cannot alter, remove or reorder entries unnoticed. Cutting off
// the end of the chain shows only against a copy of an earlier Report.Head kept elsewhere.
//
// Tables: entry, link. Job: audit.seal, every minute for each tenant. No events.
package audit
