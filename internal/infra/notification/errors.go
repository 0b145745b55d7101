package notification

import "digit/internal/infra/platform/fault"

// What this module refuses.
var (
	// ErrForbidden: only staff and the system see messages and change providers.
	ErrForbidden = fault.Forbidden("notification.forbidden")
	// ErrChannel: a channel that carries no such thing.
	ErrChannel = fault.Invalid("notification.channel")
	// ErrMessage: a message without address, text or purpose.
	ErrMessage = fault.Invalid("notification.message")
	// ErrKind: nobody carries messages of this kind.
	ErrKind = fault.Unsupported("notification.kind")
	// ErrSignature: what claims to come from a provider does not.
	ErrSignature = fault.Unauthenticated("notification.signature")
	// ErrReport: what a provider sends cannot be read.
	ErrReport = fault.Invalid("notification.report")
	// ErrNoProvider: the channel has no provider, or one that takes nothing in.
	ErrNoProvider = fault.NotFound("notification.no_provider")
	// ErrSetting: something a carrier must be told is missing; its fields name it.
	ErrSetting = fault.Invalid("notification.setting")
	// ErrGone: the provider keeps a file no more.
	ErrGone = fault.NotFound("notification.gone")
	// ErrTooLarge: a file has more bytes than are taken.
	ErrTooLarge = fault.Invalid("notification.too_large")
	// ErrUnknown: there is no such message.
	ErrUnknown = fault.NotFound("notification.unknown")
)
