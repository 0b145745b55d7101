package workflow

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// move is what is known of a move besides its action.
type move struct {
	cause     string
	actor     uuid.UUID
	role      string
	comment   string
	checklist []string
	reasons   []string
	findings  Findings
	because   []servicespec.Because
}

// move changes the locked case, or the branch of it in which the action is, writes history, sets the timers and records who did it.
func (s *Service) move(ctx context.Context, tx *pg.Tx, svc *servicespec.Service, i Instance, a servicespec.Action, g Ground, how move) (m Moved, err error) {
	cal, err := s.Calendar(ctx, tx, i)
	if err != nil {
		return m, err
	}
	to := svc.StateOf(a.To)
	_, branch := svc.BranchOf(a.To)
	before, _ := i.In(branch)
	m = Moved{
		Branch: branch, From: before.State, To: to, Action: a, Cause: how.cause, Actor: how.actor, Comment: how.comment, Reasons: how.reasons,
		Findings: how.findings, Effects: a.Effect, Because: how.because, Again: i.Ended, At: tx.Now,
	}
	switch {
	case branch != "":
		m.Dwell = i.enterBranch(branch, to, tx.Now, cal)
	default:
		m.Dwell = i.enter(to, tx.Now, cal)
		if to.Kind == KindParallel {
			i.fork(svc, svc.Branches(to.Code, g.Answers, g.at(to.Code)), tx.Now, cal)
		}
	}
	if err := s.assignPlaces(ctx, tx, svc, &i, branch, g); err != nil {
		return m, err
	}
	if err := keep(ctx, tx, i, branch, len(before.Branches) > 0); err != nil {
		return m, err
	}
	after, _ := i.In(branch)
	if err := s.note(ctx, tx, i, Transition{
		Rev: i.Rev, Action: a.Code, Cause: how.cause, Branch: branch, From: m.From, To: after.State, Kind: after.Kind, Actor: how.actor,
		Role: how.role, Comment: how.comment, Checklist: how.checklist, Reasons: how.reasons, Findings: how.findings, Because: how.because, At: tx.Now, Dwell: m.Dwell,
	}); err != nil {
		return m, err
	}
	if err := s.arm(ctx, tx, i, svc, cal); err != nil {
		return m, err
	}
	m.Instance, m.Worked = i, i.Worked(tx.Now, cal)
	return m, audit.Record(ctx, tx, audit.Entry{
		Action: "workflow.move", Object: "workflow.instance", ObjectID: i.ID, Person: i.Person,
		Detail: map[string]any{"action": a.Code, "from": m.From, "to": after.State, "rev": i.Rev, "cause": how.cause, "agency": i.Agency},
	})
}

// at is the ground with the case in a state that it is about to come into: no branch of it is done.
func (g Ground) at(state string) servicespec.Facts {
	f := g.Facts
	if f.Case != nil {
		c := *f.Case
		c.State, c.Branches = state, map[string]string{}
		f.Case = &c
	}
	return f
}

// keep stores a case that has moved, with its branches; had says that it has some from before.
func keep(ctx context.Context, tx *pg.Tx, i Instance, branch string, had bool) error {
	switch {
	case branch != "":
		return updateBranch(ctx, tx, i, branch)
	case i.Kind == KindParallel:
		return forkInstance(ctx, tx, i)
	}
	if err := updateInstance(ctx, tx, i); err != nil || !had {
		return err
	}
	return db.CloseBranches(ctx, tx, i.ID)
}

// note writes a line of history; what is a person's business is sealed.
func (s *Service) note(ctx context.Context, tx *pg.Tx, i Instance, t Transition) (err error) {
	var of sealed
	if t.Comment != "" {
		if of.comment, err = s.sealer.Seal(ctx, tx, i.Person, commentPlace(i.ID), []byte(t.Comment)); err != nil {
			return err
		}
	}
	if !t.Findings.empty() {
		if of.findings, err = s.sealJSON(ctx, tx, i, findingsPlace(i.ID), t.Findings); err != nil {
			return err
		}
	}
	if len(t.Because) > 0 {
		if of.because, err = s.sealJSON(ctx, tx, i, becausePlace(i.ID), t.Because); err != nil {
			return err
		}
	}
	return insertTransition(ctx, tx, i, t, of)
}

func (s *Service) sealJSON(ctx context.Context, tx *pg.Tx, i Instance, at encryption.Place, v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return s.sealer.Seal(ctx, tx, i.Person, at, plain)
}

func (s *Service) openJSON(ctx context.Context, tx *pg.Tx, person uuid.UUID, at encryption.Place, sealed []byte, into any) error {
	if sealed == nil {
		return nil
	}
	plain, err := s.sealer.Open(ctx, tx, person, at, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, into)
}

// Lock locks a case until the transaction ends and returns it: who reads what an act depends on does it under the lock. Whether the
// caller may see it is the caller's to decide. Errors: ErrUnknown.
func (s *Service) Lock(ctx context.Context, tx *pg.Tx, instance uuid.UUID) (Instance, error) {
	return lockInstance(ctx, tx, instance)
}

// lock locks a case and returns it with its service. Errors: ErrUnknown.
func (s *Service) lock(ctx context.Context, tx *pg.Tx, instance uuid.UUID) (i Instance, svc *servicespec.Service, err error) {
	if i, err = lockInstance(ctx, tx, instance); err != nil {
		return i, nil, err
	}
	svc, err = s.services.Service(ctx, tx, i.Service, i.Version)
	return i, svc, err
}

// seenAt returns a place of a locked case for a person who saw it at a revision. What happened since is told only to who has to do with
// such cases. Errors: ErrRole, ErrAction, ErrMeanwhile, ErrHeld.
func (s *Service) seenAt(ctx context.Context, tx *pg.Tx, i Instance, svc *servicespec.Service, branch string, by identity.Principal, rev int64) (at Instance, err error) {
	if !concerned(by, svc, i, tx.Now) {
		return at, ErrRole.With("role", i.Role)
	}
	at, found := i.In(branch)
	if !found {
		return at, ErrAction.With("state", i.State)
	}
	if at.stale(rev) {
		return at, meanwhile(ctx, tx, at, rev)
	}
	if i.Held() {
		return at, ErrHeld.With("who", i.Assignee.String(), "until", *i.HeldUntil)
	}
	return at, nil
}

// meanwhile says who did what since the caller looked: a later claim, or the last move.
func meanwhile(ctx context.Context, tx *pg.Tx, at Instance, rev int64) error {
	since, err := transitionsSince(ctx, tx, at.ID, rev)
	if err != nil {
		return err
	}
	var last Transition
	for _, t := range since {
		if last.Rev == 0 && (t.Branch == at.Branch || t.Branch == "" || at.Branch == "") {
			last = t
		}
	}
	who, action, when := last.Actor, last.Action, last.At
	if last.Cause == CauseUndone {
		action = "undo"
	}
	if at.ClaimedAt != nil && at.ClaimedAt.After(when) {
		who, action, when = at.Assignee, "claim", *at.ClaimedAt
	} else if last.Rev == 0 {
		action, when = "release", tx.Now
	}
	name := ""
	if who != uuid.Nil {
		name = who.String()
	}
	return ErrMeanwhile.With("who", name, "action", action, "at", when, "state", at.State)
}

// Calendar returns the working hours by which the targets of a case count: those of who owes the promise. For the zero
// Instance they are the state's. A promise that was made stays when they change, and only pauses move it.
func (s *Service) Calendar(ctx context.Context, tx *pg.Tx, i Instance) (calendar.Calendar, error) {
	return s.places.Hours(ctx, tx, i.Agency, i.BoundaryPath)
}
