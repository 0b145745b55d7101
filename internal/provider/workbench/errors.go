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
	// ErrSaved says that the name of a list is empty or too long; argument: max.
	ErrSaved = fault.Invalid("workbench.saved")
	// ErrNoList says that there is no such saved list, or that it is somebody else's.
	ErrNoList = fault.NotFound("workbench.no_list")
	// ErrTooManySaved says that an officer has saved as many lists as one may; argument: max.
	ErrTooManySaved = fault.Conflict("workbench.too_many_saved")
	// ErrPinned says that as many lists are pinned as there is room for; argument: max.
	ErrPinned = fault.Conflict("workbench.pinned")
	// ErrHandover says that a case is taken over without a reason, or with one that is too long; arguments: min, max.
	ErrHandover = fault.Invalid("workbench.handover")
	// ErrNoneChosen says that no case was ticked.
	ErrNoneChosen = fault.Invalid("workbench.none_chosen")
	// ErrNoBulk says that there is no such act on many cases, or that it is somebody else's.
	ErrNoBulk = fault.NotFound("workbench.no_bulk")
	// ErrStarted says that what was chosen is being dealt with already, or that nothing is left to do.
	ErrStarted = fault.Conflict("workbench.started")
	// ErrBulk says that nothing was chosen to be done, or what none of the cases allows.
	ErrBulk = fault.Invalid("workbench.bulk")
	// ErrVerdict says that an answer is said to be wrong without saying how, or too lengthily; the fields say which; argument: max.
	ErrVerdict = fault.Invalid("workbench.verdict")
	// ErrTwin says that two applications cannot be the same: they are of different services, or there is one alone.
	ErrTwin = fault.Invalid("workbench.twin")
	// ErrTemplate says that a template says nothing, or too much; the fields say where; argument: max.
	ErrTemplate = fault.Invalid("workbench.template")
	// ErrNoTemplate says that there is no such template, or that it is another agency's.
	ErrNoTemplate = fault.NotFound("workbench.no_template")
	// ErrRedaction says that nothing is to be blackened, or no part of the picture, or not why; the fields say which.
	ErrRedaction = fault.Invalid("workbench.redaction")
	// ErrNoFile says that the case has no such picture, or no such copy of one.
	ErrNoFile = fault.NotFound("workbench.no_file")
	// ErrNotBlackened says that a copy with blackened parts is wanted, which is not there yet.
	ErrNotBlackened = fault.Conflict("workbench.not_blackened")
	// ErrUndo says that an act cannot be undone, or is already.
	ErrUndo = fault.Conflict("workbench.undo")
)
