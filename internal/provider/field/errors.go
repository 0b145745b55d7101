package field

import "digit/internal/infra/platform/fault"

// What callers must expect.
var (
	// ErrForbidden says that the caller has no work outside.
	ErrForbidden = fault.Forbidden("field.forbidden")
	// ErrDevice says that the device is not registered, or was signed out of.
	ErrDevice = fault.Forbidden("field.device")
	// ErrOthers says that the device, report or file is another officer's.
	ErrOthers = fault.Forbidden("field.others")
	// ErrWipe says that the device is to delete what it holds, or has.
	ErrWipe = fault.Forbidden("field.wipe")
	// ErrNoDevice says that there is no such device, or that nothing is left on it to delete.
	ErrNoDevice = fault.NotFound("field.no_device")
	// ErrID says that what a device made as an id is none (a UUID of version 7, RFC 9562).
	ErrID = fault.Invalid("field.id")
	// ErrReport says that a report is longer than one may be, or has parts that there are not.
	ErrReport = fault.Invalid("field.report")
	// ErrNoReport says that there is no such report.
	ErrNoReport = fault.NotFound("field.no_report")
	// ErrChosen says that there is nothing to choose about a report any more.
	ErrChosen = fault.Conflict("field.chosen")
	// ErrUpload says that a file is empty, too large, of a kind that is not taken, or that its pieces do not fit; argument: max.
	ErrUpload = fault.Invalid("field.upload")
	// ErrUploads says that too many files are on their way from this device; argument: max.
	ErrUploads = fault.TooMany("field.uploads")
	// ErrNoUpload says that there is no such file on its way.
	ErrNoUpload = fault.NotFound("field.no_upload")
	// ErrUnfinished says that a report names a file that has not arrived.
	ErrUnfinished = fault.Conflict("field.unfinished")
)
