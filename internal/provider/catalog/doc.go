// Package catalog is the list of services a state offers, as published: citizens search it, providers run cases by
// it. A published version never changes; a case stays on the version it began with; a new version is published beside
// the old ones. A service may be withdrawn (no new requests) and restored.
//
// The search forgives spelling: words are compared without accents, by their beginnings and by their stems (Snowball), and what no
// service is called is replaced by the nearest word that one is. Everything it looks up is equality or a range of plain text, since
// under row security no other comparison may use an index.
//
// Services that are delivered on other sites are listed beside them: few, looked through one by one.
//
// Tables: catalog.service, catalog.version, catalog.token, catalog.title, catalog.word, catalog.spelling, catalog.measure, catalog.elsewhere. It publishes
// no events. Jobs: catalog.reindex, once a day, indexes anew what an older version of the index or other languages of the state left;
// catalog.measure, four times a day, takes over how much services were asked for and how long they really took.
package catalog
