package analytics

import "digit/internal/infra/platform/fault"

// What callers must expect.
var (
	// ErrForbidden says that the caller may not see the figures of this agency, or of any.
	ErrForbidden = fault.Forbidden("analytics.forbidden")
	// ErrRange says that a range ends before it begins or is longer than two years; argument: max (days).
	ErrRange = fault.Invalid("analytics.range")
)
