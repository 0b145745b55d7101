package workflow

import (
	"context"
	"maps"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/workflow/internal/workflowdb"
)

// Transition is one move in the history of a case, or of a branch of it. Actor is uuid.Nil for signals; Dwell is how long From lasted.
// Where a state escalated, Action is the escalation's code and nothing moved; nor did it where Still says so of the cause.
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
	Reasons   []string
	Findings  Findings
	Because   []servicespec.Because
	Branch    string
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
		t, err := s.opened(ctx, tx, i, r)
		if err != nil {
			return nil, err
		}
		history = append(history, t)
	}
	return history, nil
}

// opened is a line of history with what was sealed of it.
func (s *Service) opened(ctx context.Context, tx *pg.Tx, i Instance, r workflowdb.WorkflowTransition) (t Transition, err error) {
	t = toTransition(r)
	if r.Comment != nil {
		plain, err := s.sealer.Open(ctx, tx, i.Person, commentPlace(i.ID), r.Comment)
		if err != nil {
			return t, err
		}
		t.Comment = string(plain)
	}
	if err := s.openJSON(ctx, tx, i.Person, findingsPlace(i.ID), r.Findings, &t.Findings); err != nil {
		return t, err
	}
	return t, s.openJSON(ctx, tx, i.Person, becausePlace(i.ID), r.Because, &t.Because)
}

// Found is what officers found out in a case: of each question the last answer, and the coded reasons of what was done last.
type Found struct {
	Answers servicespec.Answers
	Reasons []string
}

// Found returns what officers found out in a case so far. Whether the caller may see it is the caller's to decide.
func (s *Service) Found(ctx context.Context, tx *pg.Tx, i Instance) (f Found, err error) {
	defer fault.Wrap(&err, "workflow.Found(%s)", i.ID)
	rows, err := db.ListFindings(ctx, tx, i.ID)
	if err != nil {
		return f, err
	}
	f.Answers = servicespec.Answers{}
	for _, r := range rows {
		var of Findings
		if err := s.openJSON(ctx, tx, i.Person, findingsPlace(i.ID), r.Findings, &of); err != nil {
			return f, err
		}
		maps.Copy(f.Answers, of.Answers)
		f.Reasons = r.Reasons
	}
	return f, nil
}

// Choice is what a person can do with a case now, or with the branch of it that Branch names: Actions are those Act would take (what
// they ask for still to be given), Later those that need the case to be taken first, Held those that their condition holds back.
// Branches are the open branches of a case in a parallel state, with what the person can do there.
type Choice struct {
	Branch     string
	Actions    []servicespec.Action
	Later      []servicespec.Action
	Held       []servicespec.Action
	CanClaim   bool
	CanRelease bool
	CanTake    bool // from the colleague who has it
	CanAssign  bool // to somebody
	CanUndo    bool // the decision that is held
	Branches   []Choice
}

// Allowed returns the actions that Act would take from a person now, in the case and its branches. Errors: ErrUnknown.
func (s *Service) Allowed(ctx context.Context, tx *pg.Tx, instance uuid.UUID, by identity.Principal) (actions []servicespec.Action, err error) {
	c, err := s.Choices(ctx, tx, instance, by, nil)
	actions = c.Actions
	for _, b := range c.Branches {
		actions = append(actions, b.Actions...)
	}
	return actions, err
}

// Choices returns what a person can do with a case now. Ground may be left out: the observer is asked then.
// Errors: ErrUnknown.
func (s *Service) Choices(ctx context.Context, tx *pg.Tx, instance uuid.UUID, by identity.Principal, ground *Ground) (c Choice, err error) {
	defer fault.Wrap(&err, "workflow.Choices(%s)", instance)
	i, err := instanceRow(ctx, tx, instance)
	if err != nil {
		return c, err
	}
	ch := chooser{by: by, now: tx.Now}
	if ch.svc, err = s.services.Service(ctx, tx, i.Service, i.Version); err != nil {
		return c, err
	}
	if i.Held() {
		c.CanUndo = undoable(by, i, tx.Now)
		return c, nil
	}
	if len(ch.svc.ActionsFrom(i.State)) == 0 && i.Ended {
		return c, nil
	}
	if ch.steps, err = stepRows(ctx, tx, i.ID); err != nil {
		return c, err
	}
	if ch.cal, err = s.Calendar(ctx, tx, i); err != nil {
		return c, err
	}
	if ch.ground, err = s.ground(ctx, tx, i.ID, ground); err != nil {
		return c, err
	}
	c = ch.at(i)
	if i.Kind == KindParallel {
		for _, at := range i.Places() {
			c.Branches = append(c.Branches, ch.at(at))
		}
	}
	return c, nil
}

// chooser finds out what a person can do in the places of a case.
type chooser struct {
	svc    *servicespec.Service
	by     identity.Principal
	steps  []taken
	ground Ground
	now    time.Time
	cal    calendar.Calendar
}

func (ch chooser) at(at Instance) (c Choice) {
	c.Branch = at.Branch
	if at.Kind != KindParallel && !at.over() {
		c.CanClaim = at.Assignee == uuid.Nil && claimable(ch.by, ch.svc, at, ch.now) == nil
		c.CanRelease = at.Assignee != uuid.Nil && (at.Assignee == ch.by.Account || at.Reached(ch.by, Release, ch.now))
		c.CanTake = at.Assignee != uuid.Nil && at.Assignee != ch.by.Account && claimable(ch.by, ch.svc, at, ch.now) == nil
		c.CanAssign = at.Staffed() && at.Reached(ch.by, Release, ch.now)
	}
	as := at
	if c.CanClaim {
		as.Assignee = ch.by.Account
	}
	for _, a := range ch.svc.ActionsFrom(at.State) {
		switch {
		case permitted(ch.by, ch.svc, a, as, ch.steps, ch.now, ch.cal) != nil:
		case !ch.svc.Guard(a.Code, ch.ground.Answers, ch.ground.Facts):
			c.Held = append(c.Held, a)
		case c.CanClaim:
			c.Later = append(c.Later, a)
		default:
			c.Actions = append(c.Actions, a)
		}
	}
	return c
}
