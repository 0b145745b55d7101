// Package orchestration takes service requests in and sees them through: it validates again (it trusts no consumer),
// records the application, raises the fee, starts the workflow, and answers each change through the exchange. What an
// action brings about (a correction asked, a certificate issued, a registry record written) happens here, in the
// transaction of the action.
//
// A decision of staff waits for a while before it takes effect, in which it can be undone: nothing has left the house until then.
//
// Answers of a special kind (health, faith, origin) are kept from readers without orchestration:read_special, in every
// method that returns an application; they may have one revealed for a reason.
//
// Tables: orchestration.application, orchestration.version, orchestration.delivery, orchestration.decision, orchestration.charge,
// orchestration.letter, orchestration.message, orchestration.spot and orchestration.follower (who else has a problem that was
// reported), orchestration.opinion (what other agencies are asked) and orchestration.consultation (what agencies here are asked, as they
// see it), orchestration.reveal, orchestration.name_token. It publishes the case events of the exchange, on which the read models
// feed, and subscribes to payment.demand.paid.v1. Jobs: orchestration.letter, orchestration.carry_out, orchestration.opinion,
// orchestration.consultation, orchestration.index_names.
package orchestration
