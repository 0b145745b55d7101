// Package payment asks for money and takes it: a demand says what somebody has to pay and for what, a charge is one
// attempt to pay it through a gateway, a payment is money that came in, a receipt proves it.
//
// Rules that hold whatever arrives, in whatever order, however often: a demand is paid once and has one receipt;
// receipt numbers have no gaps; money that came in is never lost, what came in too much is kept as surplus until it
// is given back; a gateway's notice is believed only with its signature and acts once.
//
// At a counter a collection takes the place of the charge: cash, a cheque or a card at a terminal. What counters hold is booked
// by postings whose entries add up to nothing; the drawer of a till is empty once it is closed.
//
// Where less is asked for a thing than was paid for it, the rest is a credit: it is set against what is demanded for the same thing later, or
// given back.
//
// Who has to pay can let somebody else do so, by a link whose secret is all they need and which shows nothing of the person.
//
// Tables: link, gateway, demand, demand_line, charge, payment, receipt, webhook, collection, posting, entry, credit.
// Events: payment.demand.raised.v1, payment.demand.paid.v1, payment.demand.reopened.v1, payment.charge.failed.v1, payment.charge.disputed.v1.
// Jobs: payment.reconcile (asks the gateway about charges whose notice does not come: first after 2 minutes, then
// with growing pauses for a day), payment.expire (90 minutes after the start, on the tenant's clock), payment.receipt
// (makes the PDF).
// Gateways are plugged in by the port Gateway; package sandboxgateway speaks to the simulated provider.
package payment
