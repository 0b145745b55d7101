package workflow

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// Causes of a move.
const (
	CauseStart  = "start"
	CauseStaff  = "staff"
	CauseSignal = "signal"
)

// Signals: what moves a case without staff.
const (
	SignalPaid      = "paid"      // what was to be paid is paid
	SignalCorrected = "corrected" // the citizen has sent what was asked for
	SignalWithdrawn = "withdrawn" // the citizen wants it no more
	SignalTimer     = "timer"     // the state's time is over
)

// Start describes a new case. ID is the application's.
type Start struct {
	ID        uuid.UUID
	Reference string
	Service   string
	Version   int
	Person    uuid.UUID
	Boundary  string
}

// Act is what a member of staff does. Rev is the one they saw. Ground may be left out: the observer is asked then.
type Act struct {
	Instance  uuid.UUID
	Action    string
	By        identity.Principal
	Comment   string
	Checklist []string
	Rev       int64
	Ground    *Ground
}

// Moved is a move that was made: Instance is the case after it, From and To the states, Action the action's code.
// Because are the decisions of the rules that allowed it. Dwell is how long From lasted; Worked the working time the agency has had the case altogether.
type Moved struct {
	Instance Instance
	From     string
	To       *servicespec.State
	Action   servicespec.Action
	Cause    string
	Actor    uuid.UUID
	Comment  string
	Effects  []string
	Because  []servicespec.Because
	Dwell    Dwell
	Worked   time.Duration
	At       time.Time
}

// Start puts a new case into the first state of its service and makes the promise. Errors: ErrStarted.
func (s *Service) Start(ctx context.Context, tx *pg.Tx, in Start) (i Instance, err error) {
	defer fault.Wrap(&err, "workflow.Start(%s)", in.ID)
	svc, err := s.services.Service(ctx, tx, in.Service, in.Version)
	if err != nil {
		return i, err
	}
	cal, err := s.places.Calendar(ctx, tx)
	if err != nil {
		return i, err
	}
	i = Instance{
		ID: in.ID, Reference: in.Reference, Service: in.Service, Version: svc.Pack().Version, Person: in.Person,
		Agency: svc.Pack().Agency, Boundary: in.Boundary, BoundaryPath: []string{},
	}
	if in.Boundary != "" {
		b, err := s.places.Boundary(ctx, tx, in.Boundary)
		if err != nil {
			return i, err
		}
		i.BoundaryPath = b.Path
	}
	first := svc.StateOf(svc.Pack().Workflow.Start)
	i.begin(first, svc.Pack().Target, tx.Now, cal)
	if err := insertInstance(ctx, tx, i); err != nil {
		return i, err
	}
	if err := insertTransition(ctx, tx, i, Transition{Rev: 1, Cause: CauseStart, To: i.State, Kind: i.Kind, At: tx.Now}, nil); err != nil {
		return i, err
	}
	if err := s.arm(ctx, tx, i, svc, cal); err != nil {
		return i, err
	}
	return i, audit.Record(ctx, tx, audit.Entry{
		Action: "workflow.start", Object: "workflow.instance", ObjectID: i.ID, Person: i.Person,
		Detail: map[string]any{"service": i.Service, "version": i.Version, "state": i.State},
	})
}

// Act takes an action as a member of staff who has the role for it in the case's agency and area, and has taken the
// case. Errors: ErrUnknown, ErrMeanwhile, ErrEnded, ErrAction, ErrRole, ErrOwn, ErrSeparation, ErrUnclaimed,
// ErrNotYours, ErrGuard, ErrComment, ErrChecklist.
func (s *Service) Act(ctx context.Context, tx *pg.Tx, in Act) (m Moved, err error) {
	defer fault.Wrap(&err, "workflow.Act(%s, %s)", in.Instance, in.Action)
	i, svc, err := s.lockFor(ctx, tx, in.Instance, in.By, in.Rev)
	if err != nil {
		return m, err
	}
	action := svc.Action(in.Action)
	if action == nil {
		return m, ErrAction.With("state", i.State)
	}
	steps, err := stepRows(ctx, tx, i.ID)
	if err != nil {
		return m, err
	}
	if err := permitted(in.By, *action, i, steps, tx.Now); err != nil {
		return m, err
	}
	if err := complete(*action, in.Comment, in.Checklist); err != nil {
		return m, err
	}
	open, why, err := s.guard(ctx, tx, svc, *action, i, in.Ground)
	if err != nil {
		return m, err
	}
	if !open {
		return m, ErrGuard.With("action", action.Code)
	}
	return s.move(ctx, tx, svc, i, *action, move{
		cause: CauseStaff, actor: in.By.Account, comment: strings.TrimSpace(in.Comment), checklist: in.Checklist, because: why,
	})
}

// Signal moves a case by what happened outside, if its present state waits for that; moved is false where it does not.
// Permission: none, it is called by the system. Errors: ErrUnknown.
func (s *Service) Signal(ctx context.Context, tx *pg.Tx, instance uuid.UUID, event string, ground *Ground) (m Moved, moved bool, err error) {
	defer fault.Wrap(&err, "workflow.Signal(%s, %s)", instance, event)
	i, svc, err := s.lock(ctx, tx, instance)
	if err != nil || i.Ended {
		return m, false, err
	}
	for _, a := range svc.ActionsFrom(i.State) {
		if !answers(svc, a, event) {
			continue
		}
		open, why, err := s.guard(ctx, tx, svc, a, i, ground)
		if err != nil {
			return m, false, err
		}
		if open {
			m, err = s.move(ctx, tx, svc, i, a, move{cause: CauseSignal, because: why})
			return m, err == nil, err
		}
	}
	return m, false, nil
}

// answers reports whether an action is the one that an event takes.
func answers(svc *servicespec.Service, a servicespec.Action, event string) bool {
	switch event {
	case SignalCorrected:
		return a.On == "submitted"
	case SignalWithdrawn:
		to := svc.StateOf(a.To)
		return a.By == "citizen" && a.On == "" && to != nil && to.Outcome == "withdrawn"
	}
	return a.On == event
}

// complete checks what the action asks of the officer. Errors: ErrComment, ErrChecklist.
func complete(a servicespec.Action, comment string, ticked []string) error {
	if a.Comment == "required" && strings.TrimSpace(comment) == "" {
		return ErrComment.WithFields(fault.Field{Path: "comment", Code: ErrComment.Code})
	}
	var missing []fault.Field
	for _, item := range a.Checklist {
		if !slices.Contains(ticked, item.Code) {
			missing = append(missing, fault.Field{Path: "checklist." + item.Code, Code: "workflow.checklist_item"})
		}
	}
	if missing != nil {
		return ErrChecklist.WithFields(missing...)
	}
	return nil
}

func (s *Service) guard(ctx context.Context, tx *pg.Tx, svc *servicespec.Service, a servicespec.Action, i Instance, g *Ground) (open bool, why []servicespec.Because, err error) {
	if a.Guard == "" {
		return true, nil, nil
	}
	if g == nil {
		if s.observer == nil {
			return false, nil, nil
		}
		asked, err := s.observer.Ground(ctx, tx, i.ID)
		if err != nil {
			return false, nil, err
		}
		g = &asked
	}
	open, why = svc.TracedGuard(a.Code, g.Answers, g.Facts)
	return open, why, nil
}

// move is what is known of a move besides its action.
type move struct {
	cause     string
	actor     uuid.UUID
	comment   string
	checklist []string
	because   []servicespec.Because
}

// move changes the locked case, writes history, sets the timers and records who did it.
func (s *Service) move(ctx context.Context, tx *pg.Tx, svc *servicespec.Service, i Instance, a servicespec.Action, how move) (m Moved, err error) {
	cal, err := s.places.Calendar(ctx, tx)
	if err != nil {
		return m, err
	}
	from, to := i.State, svc.StateOf(a.To)
	dwell := i.enter(to, tx.Now, cal)
	if err := updateInstance(ctx, tx, i); err != nil {
		return m, err
	}
	var sealed []byte
	if how.comment != "" {
		if sealed, err = s.sealer.Seal(ctx, tx, i.Person, commentPlace(i.ID), []byte(how.comment)); err != nil {
			return m, err
		}
	}
	t := Transition{
		Rev: i.Rev, Action: a.Code, Cause: how.cause, From: from, To: i.State, Kind: i.Kind, Actor: how.actor,
		Checklist: how.checklist, At: tx.Now, Dwell: dwell,
	}
	if how.cause == CauseStaff {
		t.Role = a.Role
	}
	if err := insertTransition(ctx, tx, i, t, sealed); err != nil {
		return m, err
	}
	if err := s.arm(ctx, tx, i, svc, cal); err != nil {
		return m, err
	}
	m = Moved{
		Instance: i, From: from, To: to, Action: a, Cause: how.cause, Actor: how.actor, Comment: how.comment,
		Effects: a.Effect, Because: how.because, Dwell: dwell, Worked: i.Worked(tx.Now, cal), At: tx.Now,
	}
	return m, audit.Record(ctx, tx, audit.Entry{
		Action: "workflow.move", Object: "workflow.instance", ObjectID: i.ID, Person: i.Person,
		Detail: map[string]any{"action": a.Code, "from": from, "to": i.State, "rev": i.Rev, "cause": how.cause, "agency": i.Agency},
	})
}

// lock locks a case and returns it with its service. Errors: ErrUnknown.
func (s *Service) lock(ctx context.Context, tx *pg.Tx, instance uuid.UUID) (i Instance, svc *servicespec.Service, err error) {
	if i, err = lockInstance(ctx, tx, instance); err != nil {
		return i, nil, err
	}
	svc, err = s.services.Service(ctx, tx, i.Service, i.Version)
	return i, svc, err
}

// lockFor is lock for a person who saw the case at a revision. What happened since is told only to who has to do with
// such cases. Errors: ErrUnknown, ErrRole, ErrMeanwhile.
func (s *Service) lockFor(ctx context.Context, tx *pg.Tx, instance uuid.UUID, by identity.Principal, rev int64) (i Instance, svc *servicespec.Service, err error) {
	if i, svc, err = s.lock(ctx, tx, instance); err != nil {
		return i, nil, err
	}
	if !concerned(by, svc, i, tx.Now) {
		return i, nil, ErrRole.With("role", i.Role)
	}
	if rev != i.Rev {
		return i, nil, meanwhile(ctx, tx, i)
	}
	return i, svc, nil
}

// meanwhile says who did what since the caller looked: a later claim, or the last move.
func meanwhile(ctx context.Context, tx *pg.Tx, i Instance) error {
	last, err := lastTransition(ctx, tx, i.ID)
	if err != nil {
		return err
	}
	who, action, at := last.Actor, last.Action, last.At
	if i.ClaimedAt != nil && i.ClaimedAt.After(at) {
		who, action, at = i.Assignee, "claim", *i.ClaimedAt
	}
	name := ""
	if who != uuid.Nil {
		name = who.String()
	}
	return ErrMeanwhile.With("who", name, "action", action, "at", at, "state", i.State)
}

// Calendar returns the working hours by which targets count.
func (s *Service) Calendar(ctx context.Context, tx *pg.Tx) (calendar.Calendar, error) {
	return s.places.Calendar(ctx, tx)
}
