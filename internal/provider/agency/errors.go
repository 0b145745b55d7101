package agency

import "digit/internal/infra/platform/fault"

// What callers must expect.
var (
	// ErrUnknown says that there is no such agency.
	ErrUnknown = fault.NotFound("agency.unknown")
	// ErrUnknownOffice says that the agency has no such office.
	ErrUnknownOffice = fault.NotFound("agency.unknown_office")
	// ErrClosed says that the agency or office is closed and takes nobody new.
	ErrClosed = fault.Conflict("agency.closed")
	// ErrNotStaff says that the account does not work in the agency.
	ErrNotStaff = fault.NotFound("agency.not_staff")
	// ErrUnknownPosition says that the agency has no such position.
	ErrUnknownPosition = fault.NotFound("agency.unknown_position")
	// ErrUnknownHolding says that nobody holds a position so.
	ErrUnknownHolding = fault.NotFound("agency.unknown_holding")
	// ErrCircle says that a position would report to itself by way of others.
	ErrCircle = fault.Invalid("agency.circle")
	// ErrTime says that a holding would be over before it begins, or is already.
	ErrTime = fault.Invalid("agency.time")
	// ErrHeld says that the account holds the position in that time already.
	ErrHeld = fault.Conflict("agency.held")
	// ErrFull says that all seats of the position are taken in that time; argument seats.
	ErrFull = fault.Conflict("agency.full")
	// ErrForbidden says that the caller may not change agencies.
	ErrForbidden = fault.Forbidden("agency.forbidden")
	// ErrInvalid says that a value is missing or malformed; the fields say which.
	ErrInvalid = fault.Invalid("agency.invalid")
)
