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
	// ErrBeneath says that an agency would stand below itself by way of others.
	ErrBeneath = fault.Invalid("agency.beneath")
	// ErrParentClosed says that the agency above is closed: nothing is open below it.
	ErrParentClosed = fault.Conflict("agency.parent_closed")
	// ErrChildren says that agencies below are open, which have to be closed or moved first.
	ErrChildren = fault.Conflict("agency.children")
	// ErrTime says that a holding would be over before it begins, or is already.
	ErrTime = fault.Invalid("agency.time")
	// ErrHeld says that the account holds the position in that time already.
	ErrHeld = fault.Conflict("agency.held")
	// ErrFull says that all seats of the position are taken in that time; argument seats.
	ErrFull = fault.Conflict("agency.full")
	// ErrUnknownAbsence says that there is no such absence.
	ErrUnknownAbsence = fault.NotFound("agency.unknown_absence")
	// ErrAway says that somebody is away in that time already, or has asked to be.
	ErrAway = fault.Conflict("agency.away")
	// ErrStandIn says that the account cannot stand in: it does not work there, or is away itself.
	ErrStandIn = fault.Invalid("agency.stand_in")
	// ErrDecided says that an absence is confirmed, refused or withdrawn already.
	ErrDecided = fault.Conflict("agency.decided")
	// ErrOwnAbsence says that nobody decides on their own absence, nor on one in which they stand in.
	ErrOwnAbsence = fault.Forbidden("agency.own_absence")
	// ErrUnknownImport says that there is no such import.
	ErrUnknownImport = fault.NotFound("agency.unknown_import")
	// ErrImportState says that an import is not, or no more, where it could be done, undone or given up.
	ErrImportState = fault.Conflict("agency.import_state")
	// ErrImportColumns says that a table lacks the columns by which its rows are told apart.
	ErrImportColumns = fault.Invalid("agency.import_columns")
	// ErrImportEmpty says that a table has no rows.
	ErrImportEmpty = fault.Invalid("agency.import_empty")
	// ErrImportRows says that a table has too many rows; argument rows.
	ErrImportRows = fault.Invalid("agency.import_rows")
	// ErrImportSince says that what an import made was changed since, so that undoing it would undo that too.
	ErrImportSince = fault.Conflict("agency.import_since")
	// ErrImportUsed says that what an import made is referred to by something else.
	ErrImportUsed = fault.Conflict("agency.import_used")
	// ErrForbidden says that the caller may not change agencies.
	ErrForbidden = fault.Forbidden("agency.forbidden")
	// ErrInvalid says that a value is missing or malformed; the fields say which.
	ErrInvalid = fault.Invalid("agency.invalid")
)
