package workflow

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Hold takes an action that Act would take, but has it wait: nothing moves, and nobody acts on the case, until CarryOut at until, or Undo.
// Items are kept for who carries it out. It is for actions of the case itself in a state where staff acts. Errors: those of Act.
func (s *Service) Hold(ctx context.Context, tx *pg.Tx, in Act, until time.Time, items []string) (i Instance, err error) {
	defer fault.Wrap(&err, "workflow.Hold(%s, %s)", in.Instance, in.Action)
	a, err := s.allowed(ctx, tx, in)
	if err != nil {
		return i, err
	}
	if i = a.i; !i.Staffed() {
		return i, ErrAction.With("state", i.State)
	}
	i.Kind, i.HeldUntil, i.HeldItems = KindHeld, &until, items
	return s.remain(ctx, tx, i, Transition{
		Action: a.action.Code, Cause: CauseHeld, Actor: a.how.actor, Role: a.how.role, Comment: a.how.comment, Checklist: a.how.checklist,
		Reasons: a.how.reasons, Findings: a.how.findings, Because: a.how.because,
	}, "workflow.hold")
}

// CarryOut takes the action that is held in a case since a revision, in the name of who decided and with what they found out; items are those
// of Hold. carried is false where it is held no more, and where it has been given more time: then until is when it is due. What the officer may
// do was asked when they decided; whether the action's condition holds is asked again. Permission: none, it is called by the system.
// Errors: ErrUnknown, ErrGuard.
func (s *Service) CarryOut(ctx context.Context, tx *pg.Tx, instance uuid.UUID, rev int64, ground *Ground) (m Moved, items []string, until *time.Time, err error) {
	defer fault.Wrap(&err, "workflow.CarryOut(%s, %d)", instance, rev)
	i, svc, err := s.lock(ctx, tx, instance)
	if err != nil || !i.Held() || i.Rev != rev {
		return m, nil, nil, err
	}
	if i.HeldUntil.After(tx.Now) {
		return m, nil, i.HeldUntil, nil
	}
	row, err := db.GetTransition(ctx, tx, heldRow(i))
	if err != nil {
		return m, nil, nil, err
	}
	t, err := s.opened(ctx, tx, i, row)
	if err != nil {
		return m, nil, nil, err
	}
	g, err := s.ground(ctx, tx, i.ID, ground)
	if err != nil {
		return m, nil, nil, err
	}
	open, why := svc.TracedGuard(t.Action, g.Answers, g.Facts)
	if !open {
		return m, nil, nil, ErrGuard.With("action", t.Action)
	}
	items = i.HeldItems
	m, err = s.move(ctx, tx, svc, i, *svc.Action(t.Action), g, move{
		cause: CauseStaff, actor: t.Actor, role: t.Role, comment: t.Comment, checklist: t.Checklist, reasons: t.Reasons, findings: t.Findings, because: why,
	})
	return m, items, nil, err
}

// Undo takes back a decision that is held, at the revision that the caller saw: the case is work again, of who had it. Permission: who decided,
// or workflow:release for the case. Errors: ErrUnknown, ErrRole, ErrMeanwhile, ErrLate, ErrUndo.
func (s *Service) Undo(ctx context.Context, tx *pg.Tx, instance uuid.UUID, by identity.Principal, rev int64) (i Instance, err error) {
	defer fault.Wrap(&err, "workflow.Undo(%s)", instance)
	i, svc, err := s.lock(ctx, tx, instance)
	switch {
	case err != nil:
		return i, err
	case !concerned(by, svc, i, tx.Now):
		return i, ErrRole.With("role", i.Role)
	case !i.Held():
		return i, ErrLate
	case i.stale(rev):
		return i, meanwhile(ctx, tx, i, rev)
	case !undoable(by, i, tx.Now):
		return i, ErrUndo
	}
	return s.putBack(ctx, tx, i, Transition{Cause: CauseUndone, Actor: by.Account}, "workflow.undo")
}

// Lapse puts a case back to work whose held decision was refused when it was to take effect; code says by what. What is held no more stays as it
// is. Permission: none, it is called by the system. Errors: ErrUnknown.
func (s *Service) Lapse(ctx context.Context, tx *pg.Tx, instance uuid.UUID, rev int64, code string) (err error) {
	defer fault.Wrap(&err, "workflow.Lapse(%s, %d)", instance, rev)
	i, err := lockInstance(ctx, tx, instance)
	if err != nil || !i.Held() || i.Rev != rev {
		return err
	}
	_, err = s.putBack(ctx, tx, i, Transition{Cause: CauseLapsed, Reasons: []string{code}}, "workflow.lapse")
	return err
}

// Delay gives the decisions that are held in cases time until then; the job that carries one out looks at it first. Permission: none, the caller
// asks for one.
func (s *Service) Delay(ctx context.Context, tx *pg.Tx, instances []uuid.UUID, until time.Time) (err error) {
	defer fault.Wrap(&err, "workflow.Delay(%d)", len(instances))
	return db.SetHeldUntil(ctx, tx, delayed(instances, until))
}

// putBack makes a held case work again and wakes it for what time has brought meanwhile.
func (s *Service) putBack(ctx context.Context, tx *pg.Tx, i Instance, t Transition, audited string) (Instance, error) {
	svc, err := s.services.Service(ctx, tx, i.Service, i.Version)
	if err != nil {
		return i, err
	}
	held, err := db.GetTransition(ctx, tx, heldRow(i))
	if err != nil {
		return i, err
	}
	t.Action, i.Kind, i.HeldUntil = held.Action, svc.StateOf(i.State).Kind, nil // what was sent back stays, for the form of who decides again
	if i, err = s.remain(ctx, tx, i, t, audited); err != nil {
		return i, err
	}
	return i, tx.At(ctx, tx.Now, stateKey(i.ID), TimerArgs{Instance: i.ID})
}

// remain stores a case that stays in its state, with a line of history and of the record.
func (s *Service) remain(ctx context.Context, tx *pg.Tx, i Instance, t Transition, audited string) (Instance, error) {
	i.Rev++
	if err := updateInstance(ctx, tx, i); err != nil {
		return i, err
	}
	t.Rev, t.From, t.To, t.Kind, t.At = i.Rev, i.State, i.State, i.Kind, tx.Now
	if err := s.note(ctx, tx, i, t); err != nil {
		return i, err
	}
	return i, audit.Record(ctx, tx, audit.Entry{
		Action: audited, Object: "workflow.instance", ObjectID: i.ID, Person: i.Person,
		Detail: map[string]any{"action": t.Action, "state": i.State, "rev": i.Rev, "agency": i.Agency},
	})
}

// undoable reports whether a person may undo the decision that is held in a case.
func undoable(by identity.Principal, i Instance, now time.Time) bool {
	return i.Assignee == by.Account || i.Reached(by, Release, now)
}
