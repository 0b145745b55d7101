// Package analytics counts what happens: how many applications were received and decided, with what outcome, how much
// was paid and how long the work took, by day, service, agency and area. It hears of cases through the exchange's
// events alone, holds no personal data, and knows nothing of the modules where the work is done.
//
// A case counts as decided once, by its last decision, and not while it is open anew.
//
// Tables: analytics.daily, analytics.revenue, analytics.decision, analytics.applied. It hears exchange.case.received, moved, decided, paid
// and overdue, each once, in any order. It publishes nothing and has no jobs.
package analytics
