package workflow

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// Transition is one move in the history of a case. Actor is uuid.Nil for signals; Dwell is how long From lasted.
type Transition struct {
	Rev       int64
	Action    string
	Cause     string
	From      string
	To        string
	Kind      string // of To
	Actor     uuid.UUID
	Role      string
	Comment   string
	Checklist []string
	At        time.Time
	Dwell     Dwell
}

// Instance returns a case. Whether the caller may see it is the caller's to decide. Errors: ErrUnknown.
func (s *Service) Instance(ctx context.Context, tx *pg.Tx, instance uuid.UUID) (i Instance, err error) {
	defer fault.Wrap(&err, "workflow.Instance(%s)", instance)
	return instanceRow(ctx, tx, instance)
}

// Subject returns the case of a reference as decisions see it at its present step, with whom separation of duties keeps from that step's
// actions. Whether the caller may be told is the caller's to decide. Errors: ErrUnknown.
func (s *Service) Subject(ctx context.Context, tx *pg.Tx, reference string) (on identity.Object, err error) {
	defer fault.Wrap(&err, "workflow.Subject")
	row, err := db.GetInstanceByReference(ctx, tx, reference)
	if pg.NotFound(err) {
		return on, ErrUnknown
	}
	if err != nil {
		return on, err
	}
	i := toInstance(row)
	svc, err := s.services.Service(ctx, tx, i.Service, i.Version)
	if err != nil {
		return on, err
	}
	before, err := stepRows(ctx, tx, i.ID)
	if err != nil {
		return on, err
	}
	on = i.Object()
	for _, a := range svc.ActionsFrom(i.State) {
		for _, t := range before {
			if a.By == "staff" && a.SeparateFrom == t.action && t.action != "" {
				on.EnteredBy = append(on.EnteredBy, t.actor)
			}
		}
	}
	return on, nil
}

// History returns all moves of a case, oldest first, with the officers' words. Whether the caller may see it is the
// caller's to decide.
func (s *Service) History(ctx context.Context, tx *pg.Tx, instance uuid.UUID) (history []Transition, err error) {
	defer fault.Wrap(&err, "workflow.History(%s)", instance)
	i, err := instanceRow(ctx, tx, instance)
	if err != nil {
		return nil, err
	}
	rows, err := db.ListTransitions(ctx, tx, instance)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		t := toTransition(r)
		if r.Comment != nil {
			plain, err := s.sealer.Open(ctx, tx, i.Person, commentPlace(i.ID), r.Comment)
			if err != nil {
				return nil, err
			}
			t.Comment = string(plain)
		}
		history = append(history, t)
	}
	return history, nil
}

// Choice is what a person can do with a case now: Actions are those Act would take (the comment and the checklist
// still to be given), Later those that need the case to be taken first.
type Choice struct {
	Actions    []servicespec.Action
	Later      []servicespec.Action
	CanClaim   bool
	CanRelease bool
}

// Allowed returns the actions that Act would take from a person now. Errors: ErrUnknown.
func (s *Service) Allowed(ctx context.Context, tx *pg.Tx, instance uuid.UUID, by identity.Principal) (actions []servicespec.Action, err error) {
	c, err := s.Choices(ctx, tx, instance, by, nil)
	return c.Actions, err
}

// Choices returns what a person can do with a case now. Ground may be left out: the observer is asked then.
// Errors: ErrUnknown.
func (s *Service) Choices(ctx context.Context, tx *pg.Tx, instance uuid.UUID, by identity.Principal, ground *Ground) (c Choice, err error) {
	defer fault.Wrap(&err, "workflow.Choices(%s)", instance)
	i, err := instanceRow(ctx, tx, instance)
	if err != nil || i.Ended {
		return c, err
	}
	svc, err := s.services.Service(ctx, tx, i.Service, i.Version)
	if err != nil {
		return c, err
	}
	steps, err := stepRows(ctx, tx, i.ID)
	if err != nil {
		return c, err
	}
	if ground == nil && s.observer != nil {
		g, err := s.observer.Ground(ctx, tx, i.ID)
		if err != nil {
			return c, err
		}
		ground = &g
	}
	c.CanClaim = i.Assignee == uuid.Nil && claimable(by, svc, i, tx.Now) == nil
	c.CanRelease = i.Assignee != uuid.Nil && (i.Assignee == by.Account || i.Reached(by, Release, tx.Now))
	taken := i
	if c.CanClaim {
		taken.Assignee = by.Account
	}
	for _, a := range svc.ActionsFrom(i.State) {
		if permitted(by, a, taken, steps, tx.Now) != nil {
			continue
		}
		if open, _, err := s.guard(ctx, tx, svc, a, i, ground); err != nil {
			return c, err
		} else if !open {
			continue
		}
		if c.CanClaim {
			c.Later = append(c.Later, a)
		} else {
			c.Actions = append(c.Actions, a)
		}
	}
	return c, nil
}
