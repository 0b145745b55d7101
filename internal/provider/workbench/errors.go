package workbench

import "digit/internal/infra/platform/fault"

// What callers must expect.
var (
	// ErrForbidden says that the caller is no staff with work here.
	ErrForbidden = fault.Forbidden("workbench.forbidden")
	// ErrNote says that a note is empty or too long.
	ErrNote = fault.Invalid("workbench.note")
	// ErrFilter says that a filter has a value nobody knows.
	ErrFilter = fault.Invalid("workbench.filter")
)
