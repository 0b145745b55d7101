package notification

import "digit/internal/infra/platform/fault"

// What this module refuses.
var (
	// ErrForbidden: only staff and the system see messages and change providers.
	ErrForbidden = fault.Forbidden("notification.forbidden")
	// ErrChannel: a channel that is neither sms nor email.
	ErrChannel = fault.Invalid("notification.channel")
	// ErrMessage: a message without address, text or purpose.
	ErrMessage = fault.Invalid("notification.message")
	// ErrKind: nobody carries messages of this kind.
	ErrKind = fault.Unsupported("notification.kind")
	// ErrUnknown: there is no such message.
	ErrUnknown = fault.NotFound("notification.unknown")
)
