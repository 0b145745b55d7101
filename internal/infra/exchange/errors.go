package exchange

import "digit/internal/infra/platform/fault"

// What callers of the exchange must expect.
var (
	// ErrNoRoute says that nobody provides this service.
	ErrNoRoute = fault.NotFound("exchange.no_route")
	// ErrRoute says that an entry of the directory lacks a service, an agency, an address or a secret that is long enough.
	ErrRoute = fault.Invalid("exchange.route")
	// ErrForbidden: only staff and the system change who provides what.
	ErrForbidden = fault.Forbidden("exchange.forbidden")
	// ErrProvider: there is no such provider, or no such key of it.
	ErrProvider = fault.NotFound("exchange.provider.unknown")
	// ErrProviderInvalid: what was typed about a provider cannot be; its fields say what.
	ErrProviderInvalid = fault.Invalid("exchange.provider.invalid")
	// ErrProviderTaken: there is a provider of that code already.
	ErrProviderTaken = fault.Conflict("exchange.provider.taken")
	// ErrNotFailed: the message has not failed, or has been sent again since.
	ErrNotFailed = fault.Conflict("exchange.message.not_failed")
	// ErrForeign says that a foreign agency did not take a message; it is tried again.
	ErrForeign = fault.Unavailable("exchange.foreign")
	// ErrSignature says that a message from outside is not signed by the agency it names, or is too old.
	ErrSignature = fault.Unauthenticated("exchange.signature")
	// ErrMessage says that a message from outside cannot be read.
	ErrMessage = fault.Invalid("exchange.message")
	// ErrUnknownRequest says that a response came for a request nobody made.
	ErrUnknownRequest = fault.NotFound("exchange.unknown_request")
)
