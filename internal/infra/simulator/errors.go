package simulator

import "digit/internal/infra/platform/fault"

// What the simulated world refuses.
var (
	// ErrProduction: a production tenant has no simulated world.
	ErrProduction = fault.Forbidden("simulator.production")
	// ErrUnknown: there is no such charge, person or case.
	ErrUnknown = fault.NotFound("simulator.unknown")
	// ErrOrder: an order to pay that is incomplete.
	ErrOrder = fault.Invalid("simulator.order")
	// ErrKey: the key, the secret or the token is wrong.
	ErrKey = fault.Unauthenticated("simulator.key")
	// ErrPhone: a number that is none, or a message that cannot be read.
	ErrPhone = fault.Invalid("simulator.phone")
	// ErrOver: the charge was paid, or failed, before.
	ErrOver = fault.Conflict("simulator.charge.over")
	// ErrCard: the card's number, date or code cannot be.
	ErrCard = fault.Invalid("simulator.card")
	// ErrClient: a sign-in request with a wrong client, redirect address or parameter.
	ErrClient = fault.Invalid("simulator.client")
	// ErrGrant: an authorization code that is wrong, used or too old (OAuth's invalid_grant).
	ErrGrant = fault.Invalid("simulator.grant")
	// ErrPerson: an invented person without subject or name.
	ErrPerson = fault.Invalid("simulator.person")
	// ErrRequest: a request to the foreign agency that cannot be read.
	ErrRequest = fault.Invalid("simulator.request")
	// ErrSignature: a request to the foreign agency with a wrong signature.
	ErrSignature = fault.Unauthenticated("simulator.signature")
	// ErrAnswered: the case has had its answer.
	ErrAnswered = fault.Conflict("simulator.answered")
	// ErrDecision: a decision that is none of those a foreign agency can take.
	ErrDecision = fault.Invalid("simulator.decision")
)
