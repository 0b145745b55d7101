package exchange

import "digit/internal/infra/platform/fault"

// What callers of the exchange must expect.
var (
	// ErrNoRoute says that nobody provides this service.
	ErrNoRoute = fault.NotFound("exchange.no_route")
	// ErrRoute says that an entry of the directory lacks a service, an agency, an address or a secret that is long enough.
	ErrRoute = fault.Invalid("exchange.route")
	// ErrForeign says that a foreign agency did not take a message; it is tried again.
	ErrForeign = fault.Unavailable("exchange.foreign")
	// ErrSignature says that a message from outside is not signed by the agency it names, or is too old.
	ErrSignature = fault.Unauthenticated("exchange.signature")
	// ErrMessage says that a message from outside cannot be read.
	ErrMessage = fault.Invalid("exchange.message")
	// ErrUnknownRequest says that a response came for a request nobody made.
	ErrUnknownRequest = fault.NotFound("exchange.unknown_request")
)
