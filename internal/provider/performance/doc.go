// Package performance watches the promises: one clock a case, from receipt to decision, with the pauses while the
// citizen is to act. It answers how much work is open, what is late now, and how many promises were kept. It hears of
// cases through the exchange's events alone and holds no personal data.
//
// Tables: performance.clock. It hears exchange.case.received, moved and decided, in any order and as often as they are
// told. It publishes nothing and has no jobs.
package performance
