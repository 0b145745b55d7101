package request

import "digit/internal/infra/platform/fault"

// What callers must expect.
var (
	// ErrNotFound says that there is no such request, or that it is somebody else's.
	ErrNotFound = fault.NotFound("request.not_found")
	// ErrNotEditable says that the request was submitted and waits for the provider.
	ErrNotEditable = fault.Conflict("request.not_editable")
	// ErrLocked says that this question was not asked to be corrected.
	ErrLocked = fault.Conflict("request.locked")
	// ErrIncomplete says that answers are missing or not acceptable; its fields name them.
	ErrIncomplete = fault.Invalid("request.incomplete")
	// ErrUnknownPage says that the form has no such page, or shows it not with these answers.
	ErrUnknownPage = fault.NotFound("request.unknown_page")
	// ErrUnknownQuestion says that the form has no such question.
	ErrUnknownQuestion = fault.NotFound("request.unknown_question")
	// ErrTooManyFiles says that the question takes no further file.
	ErrTooManyFiles = fault.Invalid("request.too_many_files")
	// ErrTransfers says that too many files for the request are on their way; argument: max.
	ErrTransfers = fault.TooMany("request.transfers")
	// ErrChanged says that the request was changed since the answers were typed: from another device, say.
	ErrChanged = fault.Conflict("request.changed")
	// ErrEnded says that the request has come to its end.
	ErrEnded = fault.Conflict("request.ended")
	// ErrKey says that an idempotency key is not of 1 to 64 visible characters.
	ErrKey = fault.Invalid("request.key")
	// ErrKeyReused says that the key came with something else before.
	ErrKeyReused = fault.Invalid("request.key_reused")
	// ErrKeyRunning says that what came with the key is still being worked on: ask again.
	ErrKeyRunning = fault.Conflict("request.key_running")
	// ErrTooLate says that what was decided cannot be taken up again: the time is over, or the service knows no such way.
	ErrTooLate = fault.Conflict("request.too_late")
	// ErrNoRelative says that the person's household has nobody of that id.
	ErrNoRelative = fault.NotFound("request.no_relative")
	// ErrForPeople says that a business cannot apply for the service.
	ErrForPeople = fault.Conflict("request.for_people")
	// ErrForBusinesses says that only a business can apply for the service.
	ErrForBusinesses = fault.Conflict("request.for_businesses")
	// ErrSilent says that nobody at the office reads what is written about this request: it is not there yet, or closed.
	ErrSilent = fault.Conflict("request.silent")
	// ErrWords says that words are missing, or that they are too many; argument: max.
	ErrWords = fault.Invalid("request.words")
	// ErrStars says that somebody rates without saying how many stars.
	ErrStars = fault.Invalid("request.stars")
	// ErrRemark says that somebody who rates wrote too much; argument: max.
	ErrRemark = fault.Invalid("request.remark")
	// ErrRateLate says that the service cannot be rated: the request is open, or was decided too long ago.
	ErrRateLate = fault.Conflict("request.rate_late")
	// ErrRemarks says that the caller may not read what people wrote about the services of this agency, or of any.
	ErrRemarks = fault.Forbidden("request.remarks")
)
