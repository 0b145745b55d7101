package channel

import "digit/internal/infra/platform/fault"

// What this module refuses.
var (
	// ErrForbidden: only the system takes in what people write.
	ErrForbidden = fault.Forbidden("channel.forbidden")
	// ErrChannel: a channel by which nobody talks.
	ErrChannel = fault.Invalid("channel.channel")
	// ErrNumber: what is no telephone number.
	ErrNumber = fault.Invalid("channel.number")
	// ErrTicket: a link for a file that was never given out, was used, or is too old.
	ErrTicket = fault.NotFound("channel.ticket")
)
