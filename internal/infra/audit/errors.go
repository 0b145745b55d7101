package audit

import "digit/internal/infra/platform/fault"

// Errors of this module.
var (
	// ErrNotFound says that there is no such entry, checkpoint, place or file.
	ErrNotFound = fault.NotFound("audit.not_found")
	// ErrPending says that the entry is not part of the log yet; within a minute it is.
	ErrPending = fault.Conflict("audit.pending")
	// ErrForbidden says that the actor is neither staff nor the system.
	ErrForbidden = fault.Forbidden("audit.forbidden")
	// ErrCheckpoint says that a text is no checkpoint.
	ErrCheckpoint = fault.Invalid("audit.checkpoint")
	// ErrKey says that a text is no public key.
	ErrKey = fault.Invalid("audit.key")
	// ErrProof says that a text is no proof, or proves nothing.
	ErrProof = fault.Invalid("audit.proof")
	// ErrSink says what is wrong with a place that checkpoints should be sent to.
	ErrSink = fault.Invalid("audit.sink")
)
