// Package request is the citizen's side of a service request: start it, answer page by page, save and come back,
// check, submit, follow, write to the office, pay, correct, withdraw, rate. It knows the service by its language alone (servicespec) and the
// provider only as messages through the exchange.
//
// Tables: request.request, request.entry (timeline), request.message (the conversation with the office), request.rating, request.key
// (idempotency keys), request.upload (where files given again are from, and which are not offered any more).
// Jobs: request.remind, request.forget_key, request.sweep_guests (daily).
// Sends: exchange.ServiceRequest. Receives: exchange.ServiceResponse. Publishes: exchange.request.rated.
package request
