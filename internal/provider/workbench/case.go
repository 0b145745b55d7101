package workbench

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/workflow"
)

// Case is everything on the case page, without the answers that the reader's roles may not see. Pages are the answers as the form asks them; Changed the questions whose
// answers the last correction changed (the old ones stand in Application.Previous). Demand and Receipt are nil where
// there is none. Notes are between colleagues; what the citizen reads stands in History as comments.
type Case struct {
	Application  orchestration.Application
	Spec         *servicespec.Service
	State        servicespec.State
	Severity     string
	AssigneeName string
	Choice       workflow.Choice
	Pages        []servicespec.PageView
	Changed      []string
	Files        []servicespec.File
	History      []Step
	Demand       *payment.Demand
	Receipt      *payment.Receipt
	Decision     orchestration.Decision   // the last
	Earlier      []orchestration.Decision // those before it, the first first
	Versions     []orchestration.Version  // answers before each correction
	Charges      []orchestration.Charge
	Credit       payment.Credit // what was paid too much
	Letters      []orchestration.Letter
	Stays        []Stay // how long it was in each state, in the order in which it came into them
	Facts        servicespec.Facts
	Holders      map[uuid.UUID]string // names of who has a branch
	Notes        []Note
	Verdicts     []Verdict // what was found about answers, as far as it counts still
	SameAs       []Twin    // applications that somebody has said are the same
	Handovers    []Handover
	Colleagues   map[string][]Colleague // by branch, "" for the case itself: who can be given it, where the reader may give it
}

// Step is a move of the case with the names that people know.
type Step struct {
	workflow.Transition
	ActorName  string
	ActionName i18n.Text
	FromName   i18n.Text
	ToName     i18n.Text
}

// Stay is how long a case, or a branch of it, was in a state altogether, and how often; the present stay counts until now.
type Stay struct {
	State    string
	Name     i18n.Text
	Times    int
	Working  time.Duration
	Calendar time.Duration
	Now      bool
}

// Case returns everything on a case's page; the reading is on record. Permission: workbench:use, and
// orchestration:read for the case. Errors: ErrForbidden, orchestration.ErrUnknown, orchestration.ErrForbidden.
func (s *Service) Case(ctx context.Context, tx *pg.Tx, by identity.Principal, application uuid.UUID) (c Case, err error) {
	defer fault.Wrap(&err, "workbench.Case(%s)", application)
	if err := authorise(tx, by); err != nil {
		return c, err
	}
	app, err := s.deps.Applications.Application(ctx, tx, application, by)
	if err != nil {
		return c, err
	}
	svc, facts, err := s.deps.Applications.Spec(ctx, tx, app)
	if err != nil {
		return c, err
	}
	c = Case{
		Application: app, Spec: svc, State: *svc.StateOf(app.Case.State), Pages: app.Pages(svc, facts),
		Changed: app.Changed(svc), Files: app.Files(svc), Facts: facts, Holders: map[uuid.UUID]string{},
	}
	u, err := s.urgency(ctx, tx)
	if err != nil {
		return c, err
	}
	c.Severity = severity(u, app.Case)
	if c.Choice, err = s.deps.Workflow.Choices(ctx, tx, application, by, app.Ground(facts)); err != nil {
		return c, err
	}
	staff := names{people: s.deps.People}
	if c.AssigneeName, err = staff.of(ctx, tx, app.Case.Assignee); err != nil {
		return c, err
	}
	for _, b := range app.Case.Branches {
		if c.Holders[b.Assignee], err = staff.of(ctx, tx, b.Assignee); err != nil {
			return c, err
		}
	}
	if c.History, err = s.history(ctx, tx, app, svc, &staff); err != nil {
		return c, err
	}
	cal, err := s.deps.Workflow.Calendar(ctx, tx, app.Case)
	if err != nil {
		return c, err
	}
	c.Stays = stays(svc, app.Case, c.History, tx.Now, cal)
	if err := s.money(ctx, tx, &c); err != nil {
		return c, err
	}
	if err := s.rounds(ctx, tx, &c); err != nil {
		return c, err
	}
	if c.Notes, err = s.notes(ctx, tx, app, &staff); err != nil {
		return c, err
	}
	if c.Handovers, err = s.handovers(ctx, tx, app); err != nil {
		return c, err
	}
	if c.Verdicts, err = s.verdicts(ctx, tx, app, c.Changed); err != nil {
		return c, err
	}
	if c.SameAs, err = s.sameAs(ctx, tx, by, app); err != nil {
		return c, err
	}
	return c, s.receivers(ctx, tx, &c)
}

// receivers adds who can be given the case, or its branches, where the reader may give them.
func (s *Service) receivers(ctx context.Context, tx *pg.Tx, c *Case) (err error) {
	c.Colleagues = map[string][]Colleague{}
	for _, choice := range append([]workflow.Choice{c.Choice}, c.Choice.Branches...) {
		at, found := c.Application.Case.In(choice.Branch)
		if !choice.CanAssign || !found {
			continue
		}
		if c.Colleagues[choice.Branch], err = s.colleagues(ctx, tx, at); err != nil {
			return err
		}
	}
	return nil
}

// rounds adds what was before: decisions, answers, demands.
func (s *Service) rounds(ctx context.Context, tx *pg.Tx, c *Case) (err error) {
	if c.Earlier, err = s.deps.Applications.Decisions(ctx, tx, c.Application); err != nil {
		return err
	}
	if n := len(c.Earlier); n > 0 && c.Application.Outcome != "" {
		c.Decision, c.Earlier = c.Earlier[n-1], c.Earlier[:n-1]
	}
	if c.Versions, err = s.deps.Applications.Versions(ctx, tx, c.Application); err != nil {
		return err
	}
	if c.Charges, err = s.deps.Applications.Charges(ctx, tx, c.Application); err != nil {
		return err
	}
	if c.Credit, err = s.deps.Applications.Credit(ctx, tx, c.Application); err != nil {
		return err
	}
	c.Letters, err = s.deps.Applications.Letters(ctx, tx, c.Application)
	return err
}

func (s *Service) history(ctx context.Context, tx *pg.Tx, app orchestration.Application, svc *servicespec.Service, staff *names) ([]Step, error) {
	moves, err := s.deps.Workflow.History(ctx, tx, app.ID)
	if err != nil {
		return nil, err
	}
	steps := make([]Step, 0, len(moves))
	for n, m := range moves {
		step := Step{Transition: m, FromName: stateName(svc, m.From), ToName: stateName(svc, m.To)}
		if n+1 < len(moves) && tookEffect(m, moves[n+1]) {
			continue // the move itself says all of it
		}
		if a := svc.Action(m.Action); a != nil && m.Cause != workflow.CauseEscalation {
			step.ActionName = a.Name
		}
		if step.ActorName, err = staff.of(ctx, tx, m.Actor); err != nil {
			return nil, err
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// tookEffect reports whether a decision that was held is what moved the case next.
func tookEffect(held, next workflow.Transition) bool {
	return held.Cause == workflow.CauseHeld && next.Cause == workflow.CauseStaff && next.Action == held.Action && next.Actor == held.Actor
}

// stays adds up how long the case was where.
func stays(svc *servicespec.Service, i workflow.Instance, history []Step, now time.Time, cal calendar.Calendar) (list []Stay) {
	at := func(state string) *Stay {
		for n := range list {
			if list[n].State == state {
				return &list[n]
			}
		}
		list = append(list, Stay{State: state, Name: stateName(svc, state)})
		return &list[len(list)-1]
	}
	for _, h := range history {
		if h.From != "" && !workflow.Still(h.Cause) {
			st := at(h.From)
			st.Times, st.Working, st.Calendar = st.Times+1, st.Working+h.Dwell.Working, st.Calendar+h.Dwell.Calendar
		}
	}
	for _, place := range append([]workflow.Instance{i}, i.Places()...) {
		if place.Ended || place.Branch == "" && i.Kind != workflow.KindParallel && at(place.State).Now {
			continue
		}
		st := at(place.State)
		st.Times, st.Now = st.Times+1, true
		st.Working += max(0, cal.Between(place.EnteredAt, now))
		st.Calendar += max(0, now.Sub(place.EnteredAt))
	}
	return list
}

func stateName(svc *servicespec.Service, code string) i18n.Text {
	if st := svc.StateOf(code); st != nil {
		return st.Name
	}
	return nil
}

func (s *Service) money(ctx context.Context, tx *pg.Tx, c *Case) error {
	if c.Application.Demand == uuid.Nil {
		return nil
	}
	d, err := s.deps.Payments.Demand(ctx, tx, c.Application.Demand)
	if err != nil {
		return err
	}
	c.Demand = &d
	if c.Application.Receipt == "" {
		return nil
	}
	r, err := s.deps.Payments.Receipt(ctx, tx, c.Application.Demand)
	var known *fault.Error
	if errors.As(err, &known) && known.Kind == fault.KindNotFound {
		return nil
	}
	c.Receipt = &r
	return err
}

// Attached reports whether a file belongs to a case that the reader has opened: an officer attached it, or it is a letter that was sent.
// Permission: workbench:use. Errors: ErrForbidden.
func (s *Service) Attached(ctx context.Context, tx *pg.Tx, by identity.Principal, app orchestration.Application, file uuid.UUID) (found bool, err error) {
	defer fault.Wrap(&err, "workbench.Attached(%s)", app.ID)
	if err := authorise(tx, by); err != nil {
		return false, err
	}
	letters, err := s.deps.Applications.Letters(ctx, tx, app)
	if err != nil {
		return false, err
	}
	for _, l := range letters {
		found = found || l.Document == file
	}
	moves, err := s.deps.Workflow.History(ctx, tx, app.ID)
	for _, m := range moves {
		for _, files := range m.Findings.Files {
			found = found || slices.ContainsFunc(files, func(f servicespec.File) bool { return f.ID == file })
		}
	}
	return found && file != uuid.Nil, err
}
