package studio

import (
	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/servicespec"
)

// What callers must expect.
var (
	// ErrUnknown says that there is no such draft, or that it was thrown away.
	ErrUnknown = fault.NotFound("studio.unknown")
	// ErrForbidden says that the caller may not do this for the agency.
	ErrForbidden = fault.Forbidden("studio.forbidden")
	// ErrTaken says that there is a draft of this service already; StandingDraft tells which.
	ErrTaken = fault.Conflict("studio.taken")
	// ErrStale says that somebody changed the same part meanwhile; StaleOf tells who and what.
	ErrStale = fault.Conflict("studio.stale")
	// ErrGone says that what was to be changed is not there any more.
	ErrGone = fault.Conflict("studio.gone")
	// ErrLive says that the code and the agency of a published service stay as they are.
	ErrLive = fault.Conflict("studio.live")
	// ErrTooLarge says that the definition has grown beyond what a service may take.
	ErrTooLarge = fault.Invalid("studio.too_large")
	// ErrNothing says that there is nothing to undo, or to redo.
	ErrNothing = fault.Conflict("studio.nothing")
	// ErrLate says that what was thrown away more than 30 days ago cannot be taken back.
	ErrLate = fault.Conflict("studio.late")
	// ErrBegin says that a service cannot begin so; the fields say why.
	ErrBegin = fault.Invalid("studio.begin")
	// ErrFile says that a file is no service; the fields say why.
	ErrFile = fault.Invalid("studio.file")
	// ErrNotReady says that a draft cannot be published as it is: it has errors, or scenarios that come out otherwise.
	ErrNotReady = fault.Conflict("studio.not_ready")
	// ErrUnchanged says that the published version says exactly this.
	ErrUnchanged = fault.Conflict("studio.unchanged")
	// ErrWaiting says that a version of this service waits already.
	ErrWaiting = fault.Conflict("studio.waiting")
	// ErrAuthor says that nobody decides what they wrote.
	ErrAuthor = fault.Forbidden("studio.author")
	// ErrDecided says that the proposal is decided already.
	ErrDecided = fault.Conflict("studio.decided")
	// ErrNoProposal says that there is no such proposal.
	ErrNoProposal = fault.NotFound("studio.no_proposal")
	// ErrAnswer says that a refusal needs a reason.
	ErrAnswer = fault.Invalid("studio.answer")
	// ErrDay says that a version cannot be published on a day that has passed.
	ErrDay = fault.Invalid("studio.day")
)

// Stale is what happened to a part of a draft while somebody else had it open.
type Stale struct {
	Head    int         // the revision it is at now
	By      []uuid.UUID // who changed it, the last first
	Changes []servicespec.Change
}

// StaleOf returns what ErrStale carries.
func StaleOf(err error) (Stale, bool) {
	e := fault.Of(err)
	if e == nil {
		return Stale{}, false
	}
	s, ok := e.Args["stale"].(Stale)
	return s, ok
}

// StandingDraft returns the draft that ErrTaken is about.
func StandingDraft(err error) (uuid.UUID, bool) {
	e := fault.Of(err)
	if e == nil {
		return uuid.Nil, false
	}
	d, ok := e.Args["draft"].(uuid.UUID)
	return d, ok
}
