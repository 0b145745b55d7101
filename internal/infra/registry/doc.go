// Package registry keeps structured records: the entries of a state's registers (births registered, licences in
// force). An entry has versions; none is ever overwritten. What a decision writes is written once.
//
// Tables: registry.record, registry.version.
package registry
