package desk

import "digit/internal/infra/platform/fault"

// What callers must expect.
var (
	// ErrForbidden says that the caller serves nobody at this office.
	ErrForbidden = fault.Forbidden("desk.forbidden")
	// ErrSearch says that a search asks for too little: an address, a number, or a name with a date of birth.
	ErrSearch = fault.Invalid("desk.search")
	// ErrPerson says what of a new person cannot be accepted, one field each.
	ErrPerson = fault.Invalid("desk.person")
	// ErrPossible says that the person may be known already: look at who was found first.
	ErrPossible = fault.Conflict("desk.possible")
	// ErrKnown says that somebody with this number of identity is known.
	ErrKnown = fault.Conflict("desk.known")
	// ErrNoVisit says that the operator acts for nobody at the moment, or for somebody else.
	ErrNoVisit = fault.Conflict("desk.no_visit")
)
