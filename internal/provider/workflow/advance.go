package workflow

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// Advance takes the action of the system that is due now, if there is one: nothing is left to pay, enough branches are done, a condition
// has become true, the time in a state is over. Whoever runs the cases calls it after each change until moved is false.
// Permission: none, it is called by the system. Errors: ErrUnknown.
func (s *Service) Advance(ctx context.Context, tx *pg.Tx, instance uuid.UUID, g Ground) (m Moved, moved bool, err error) {
	defer fault.Wrap(&err, "workflow.Advance(%s)", instance)
	i, svc, err := s.lock(ctx, tx, instance)
	if err != nil || i.Held() { // what happens by itself happens after the decision, or when it is undone
		return m, false, err
	}
	cal, err := s.Calendar(ctx, tx, i)
	if err != nil {
		return m, false, err
	}
	a := svc.Automatic(i.Standing(g.Paid, tx.Now, cal), g.Answers, g.Facts)
	if a == nil {
		return m, false, nil
	}
	_, why := svc.TracedGuard(a.Code, g.Answers, g.Facts)
	m, err = s.move(ctx, tx, svc, i, *a, g, move{cause: CauseSignal, because: why})
	return m, err == nil, err
}

// Escalated says that a state of a case, or of a branch of it, has lasted too long.
type Escalated struct {
	Instance   Instance
	Branch     string
	State      string
	Escalation servicespec.Escalation
}

// mostAtOnce bounds what happens to a case in one go as time goes on.
const mostAtOnce = 100

// wake does what time has brought: each at most once, the earliest first.
func (s *Service) wake(ctx context.Context, tx *pg.Tx, instance uuid.UUID) (err error) {
	defer fault.Wrap(&err, "workflow.wake(%s)", instance)
	for range mostAtOnce {
		i, svc, err := s.lock(ctx, tx, instance)
		if err != nil || i.Held() { // who puts it back has it woken
			return err
		}
		cal, err := s.Calendar(ctx, tx, i)
		if err != nil {
			return err
		}
		g, err := s.ground(ctx, tx, i.ID, nil)
		if err != nil {
			return err
		}
		next := first(svc, i.Standing(g.Paid, tx.Now, cal), g)
		switch {
		case next == nil:
			return s.arm(ctx, tx, i, svc, cal)
		case next.Escalation != nil:
			err = s.escalate(ctx, tx, svc, i, *next, g, cal)
		default:
			err = s.happen(ctx, tx, svc, i, *next.Action, g, CauseSignal)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// first returns the first that is due by now and whose condition holds; nil where nothing is.
func first(svc *servicespec.Service, at servicespec.Standing, g Ground) (next *servicespec.Moment) {
	for _, m := range svc.Moments(at) {
		if m.At.After(at.Now) || next != nil && !m.At.Before(next.At) {
			continue
		}
		if m.Escalation != nil || svc.Guard(m.Action.Code, g.Answers, g.Facts) {
			next = &m
		}
	}
	return next
}

// happen moves a case by itself and tells the observer.
func (s *Service) happen(ctx context.Context, tx *pg.Tx, svc *servicespec.Service, i Instance, a servicespec.Action, g Ground, cause string) error {
	_, why := svc.TracedGuard(a.Code, g.Answers, g.Facts)
	m, err := s.move(ctx, tx, svc, i, a, g, move{cause: cause, because: why})
	if err != nil || s.observer == nil {
		return err
	}
	return s.observer.Moved(ctx, tx, m)
}

// escalate does what is to be done where a state has lasted too long: the work goes to another role, people are told, an action is taken.
func (s *Service) escalate(ctx context.Context, tx *pg.Tx, svc *servicespec.Service, i Instance, next servicespec.Moment, g Ground, cal calendar.Calendar) error {
	_, branch := svc.BranchOf(next.State)
	e := next.Escalation
	i.escalate(branch, *e)
	i.touch(branch)
	if err := updateBranch(ctx, tx, i, branch); err != nil {
		return err
	}
	at, _ := i.In(branch)
	if err := s.note(ctx, tx, i, Transition{
		Rev: i.Rev, Action: e.Code, Cause: CauseEscalation, Branch: branch, From: at.State, To: at.State, Kind: at.Kind, Role: e.Role, At: tx.Now,
	}); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, audit.Entry{
		Action: "workflow.escalate", Object: "workflow.instance", ObjectID: i.ID, Person: i.Person,
		Detail: map[string]any{"escalation": e.Code, "state": at.State, "rev": i.Rev, "agency": i.Agency},
	}); err != nil {
		return err
	}
	if s.observer != nil {
		if err := s.observer.Escalated(ctx, tx, Escalated{Instance: i, Branch: branch, State: at.State, Escalation: *e}); err != nil {
			return err
		}
	}
	if a := svc.Action(e.Action); a != nil && svc.Guard(a.Code, g.Answers, g.Facts) {
		return s.happen(ctx, tx, svc, i, *a, g, CauseEscalation)
	}
	return nil
}

// escalate notes that a place has escalated and gives its work to the role that gets it.
func (i *Instance) escalate(branch string, e servicespec.Escalation) {
	fired, role, assignee, claimed := &i.Fired, &i.Role, &i.Assignee, &i.ClaimedAt
	if b := i.branch(branch); b != nil && branch != "" {
		fired, role, assignee, claimed = &b.Fired, &b.Role, &b.Assignee, &b.ClaimedAt
	}
	*fired = append(slices.Clone(*fired), e.Code)
	if e.Role != "" && e.Role != *role {
		*role, *assignee, *claimed = e.Role, uuid.Nil, nil
	}
}
