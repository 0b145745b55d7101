package refdata

import "digit/internal/infra/platform/fault"

// What this module refuses.
var (
	// ErrForbidden: only staff and the system change reference data.
	ErrForbidden = fault.Forbidden("refdata.forbidden")
	// ErrBoundary: there is no such place.
	ErrBoundary = fault.NotFound("refdata.boundary.unknown")
	// ErrParent: a place names a parent that does not exist.
	ErrParent = fault.Invalid("refdata.boundary.parent")
	// ErrCircle: a place would lie within itself.
	ErrCircle = fault.Invalid("refdata.boundary.circle")
	// ErrCode: a code is empty or has characters that a code may not have.
	ErrCode = fault.Invalid("refdata.code")
	// ErrName: a place, code or day has no name.
	ErrName = fault.Invalid("refdata.name")
	// ErrFormat: a pattern of numbers is wrong or unknown.
	ErrFormat = fault.Invalid("refdata.format")
	// ErrCalendar: there is no calendar of that code.
	ErrCalendar = fault.NotFound("refdata.calendar.unknown")
	// ErrOpening: opening hours end before they begin, or overlap.
	ErrOpening = fault.Invalid("refdata.opening")
)
