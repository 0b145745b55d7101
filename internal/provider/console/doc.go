// Package console answers the operator's first question: is everything well? It looks at the database, its role and
// its migrations, the keys, the job queue, what waits to be sent, storage and clocks. /readyz, `digit doctor` and the
// console's health page ask it.
//
// It owns no tables, publishes no events and has no jobs.
package console
