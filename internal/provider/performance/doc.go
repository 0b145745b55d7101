// Package performance watches the promises: one clock a case, from receipt to decision, with the pauses while the
// citizen is to act. It answers how much work is open, what is late now, how many promises were kept, and how people found
// the services. It hears of cases and ratings through the exchange's events alone and holds no personal data.
//
// Tables: performance.clock, performance.rating. It hears exchange.case.received, moved and decided and exchange.request.rated, in any
// order and as often as they are told. It publishes nothing and has no jobs.
package performance
