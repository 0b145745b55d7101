package workflow

import "digit/internal/infra/platform/fault"

// What callers must expect.
var (
	// ErrUnknown says that there is no such case.
	ErrUnknown = fault.NotFound("workflow.unknown")
	// ErrMeanwhile says that somebody acted since the caller looked; arguments: who (account id, "" for nobody of the
	// staff), action (its code, or "claim"), at, state (the present one).
	ErrMeanwhile = fault.Conflict("workflow.meanwhile")
	// ErrHeld says that a decision on the case waits before it takes effect; arguments: who (account id), until.
	ErrHeld = fault.Conflict("workflow.held")
	// ErrLate says that nothing is left to be undone: the decision has taken effect, or the case has gone on.
	ErrLate = fault.Conflict("workflow.late")
	// ErrUndo says that only who decided, or a supervisor, may undo a decision.
	ErrUndo = fault.Forbidden("workflow.undo")
	// ErrNotYours says that somebody else has taken the case; argument: who (account id).
	ErrNotYours = fault.Conflict("workflow.not_yours")
	// ErrUnclaimed says that a case must be taken before it is acted on.
	ErrUnclaimed = fault.Conflict("workflow.unclaimed")
	// ErrRole says that the caller has not the role that this action needs, in this agency and for this area.
	ErrRole = fault.Forbidden("workflow.role")
	// ErrSeparation says that the caller did an earlier step that the same person must not follow; argument: action.
	ErrSeparation = fault.Forbidden("workflow.separation")
	// ErrOwn says that nobody acts on a case of their own.
	ErrOwn = fault.Forbidden("workflow.own")
	// ErrGuard says that the condition of the action is not met.
	ErrGuard = fault.Conflict("workflow.guard")
	// ErrComment says that the action needs a reason in words.
	ErrComment = fault.Invalid("workflow.comment")
	// ErrChecklist says that points of the checklist are not ticked; the fields say which.
	ErrChecklist = fault.Invalid("workflow.checklist")
	// ErrReasons says that none of the action's reasons was chosen, or one that it has not.
	ErrReasons = fault.Invalid("workflow.reasons")
	// ErrFindings says that answers to the action's questions are missing or wrong; the fields say which.
	ErrFindings = fault.Invalid("workflow.findings")
	// ErrDocuments says that files that the action asks for are missing, or of another kind; the fields say which.
	ErrDocuments = fault.Invalid("workflow.documents")
	// ErrTime says that the time in which a closed case can be taken up again is over.
	ErrTime = fault.Conflict("workflow.time")
	// ErrAction says that the present state has no such action; argument: state.
	ErrAction = fault.Conflict("workflow.action")
	// ErrEnded says that the case is closed.
	ErrEnded = fault.Conflict("workflow.ended")
	// ErrStarted says that the case was started already.
	ErrStarted = fault.Conflict("workflow.started")
	// ErrAssign says that only a supervisor gives cases to others.
	ErrAssign = fault.Forbidden("workflow.assign")
	// ErrAble says that who is to be given the case has no role for it, or that it is their own; argument: role.
	ErrAble = fault.Conflict("workflow.able")
	// ErrRelease says that only who has the case, or a supervisor, may release it.
	ErrRelease = fault.Forbidden("workflow.release")
)
