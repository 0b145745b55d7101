package orchestration

import "digit/internal/infra/platform/fault"

// What callers must expect.
var (
	// ErrUnknown says that there is no such application.
	ErrUnknown = fault.NotFound("orchestration.unknown")
	// ErrForbidden says that the application belongs to another agency or area.
	ErrForbidden = fault.Forbidden("orchestration.forbidden")
	// ErrItems says that a correction was asked without saying of what, or of a question that there is not.
	ErrItems = fault.Invalid("orchestration.items")
	// ErrNothingHidden says that no answer to the question is hidden from the reader.
	ErrNothingHidden = fault.NotFound("orchestration.nothing_hidden")
	// ErrReason says that the reason is too short or too long; arguments min and max.
	ErrReason = fault.Invalid("orchestration.reason")
	// ErrReference says that another application has the reference already.
	ErrReference = fault.Conflict("orchestration.reference")
	// ErrEndless says that the case would go round by itself without end; argument: state.
	ErrEndless = fault.Conflict("orchestration.endless")
	// ErrSilent says that the case has ended, and that nothing is written about it any more.
	ErrSilent = fault.Conflict("orchestration.silent")
	// ErrMessage says that a message has no words, or too many; argument: max.
	ErrMessage = fault.Invalid("orchestration.message")
	// ErrMessageFiles says that more files go with a message than may; argument: max.
	ErrMessageFiles = fault.Invalid("orchestration.message_files")
	// ErrOpinion says that an opinion is none of those that can be given, or lacks words.
	ErrOpinion = fault.Invalid("orchestration.opinion")
	// ErrConsulted says that the opinion was given already, or is not needed any more; argument: status.
	ErrConsulted = fault.Conflict("orchestration.consulted")
	// ErrKind says that a request is of a kind nobody knows.
	ErrKind = fault.Unsupported("orchestration.kind")
)
