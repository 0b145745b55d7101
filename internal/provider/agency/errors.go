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
	// ErrForbidden says that the caller may not change agencies.
	ErrForbidden = fault.Forbidden("agency.forbidden")
	// ErrInvalid says that a value is missing or malformed; the fields say which.
	ErrInvalid = fault.Invalid("agency.invalid")
)
