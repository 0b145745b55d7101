// Package catalog is the list of services a state offers, as published: citizens search it, providers run cases by
// it. A published version never changes; a case stays on the version it began with; a new version is published beside
// the old ones. A service may be withdrawn (no new requests) and restored.
//
// Tables: catalog.service, catalog.version, catalog.token. It publishes no events and has no jobs.
package catalog
