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
	// ErrNoTill says that the operator has no till open at this office, or that there is no such session.
	ErrNoTill = fault.NotFound("desk.no_till")
	// ErrTillOpen says that the operator has a till open already.
	ErrTillOpen = fault.Conflict("desk.till_open")
	// ErrCounterTaken says that somebody else has this counter's drawer.
	ErrCounterTaken = fault.Conflict("desk.counter_taken")
	// ErrTillFields says what of a till cannot be accepted, one field each.
	ErrTillFields = fault.Invalid("desk.till")
	// ErrTillCounted says that the drawer was counted: nothing more is taken until it is closed or sent back.
	ErrTillCounted = fault.Conflict("desk.till_counted")
	// ErrTillClosed says that the session is over.
	ErrTillClosed = fault.Conflict("desk.till_closed")
	// ErrNotCounted says that the drawer was not counted yet.
	ErrNotCounted = fault.Conflict("desk.not_counted")
	// ErrOwnTill says that nobody approves the close of their own till.
	ErrOwnTill = fault.Forbidden("desk.own_till")
	// ErrCall says what of a note cannot be accepted, one field each.
	ErrCall = fault.Invalid("desk.call")
	// ErrTopic says what of a topic cannot be accepted, one field each.
	ErrTopic = fault.Invalid("desk.topic")
	// ErrNoTopic says that the office has no such topic, or gives no tokens or appointments for it now.
	ErrNoTopic = fault.NotFound("desk.no_topic")
	// ErrNoTicket says that there is no such token.
	ErrNoTicket = fault.NotFound("desk.no_ticket")
	// ErrNobodyWaits says that nobody is left to be called.
	ErrNobodyWaits = fault.Conflict("desk.nobody_waits")
	// ErrSlotTaken says that this time is not, or no longer, free.
	ErrSlotTaken = fault.Conflict("desk.slot_taken")
	// ErrBooked says that the person has an appointment for this already.
	ErrBooked = fault.Conflict("desk.booked")
	// ErrNoAppointment says that there is no such appointment, or that it is somebody else's.
	ErrNoAppointment = fault.NotFound("desk.no_appointment")
	// ErrOver says that the appointment is over or was given back.
	ErrOver = fault.Conflict("desk.over")
	// ErrEarly says that it is too early to say that one is there.
	ErrEarly = fault.Conflict("desk.early")
)
