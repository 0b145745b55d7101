// Package orchestration takes service requests in and sees them through: it validates again (it trusts no consumer),
// records the application, raises the fee, starts the workflow, and answers each change through the exchange. What an
// action brings about (a correction asked, a certificate issued, a registry record written) happens here, in the
// transaction of the action.
//
// Tables: orchestration.application, orchestration.delivery, orchestration.decision. It publishes the case events of
// the exchange, on which the read models feed, and subscribes to payment.demand.paid.v1. It has no jobs.
package orchestration
