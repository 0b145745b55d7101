package workbench

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/payment"
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
	Decision     orchestration.Decision
	Notes        []Note
}

// Step is a move of the case with the names that people know.
type Step struct {
	workflow.Transition
	ActorName  string
	ActionName i18n.Text
	FromName   i18n.Text
	ToName     i18n.Text
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
		Changed: app.Changed(svc), Files: app.Files(svc),
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
	if c.History, err = s.history(ctx, tx, app, svc, &staff); err != nil {
		return c, err
	}
	if err := s.money(ctx, tx, &c); err != nil {
		return c, err
	}
	if c.Decision, err = s.deps.Applications.Decision(ctx, tx, app); err != nil {
		return c, err
	}
	c.Notes, err = s.notes(ctx, tx, app, &staff)
	return c, err
}

func (s *Service) history(ctx context.Context, tx *pg.Tx, app orchestration.Application, svc *servicespec.Service, staff *names) ([]Step, error) {
	moves, err := s.deps.Workflow.History(ctx, tx, app.ID)
	if err != nil {
		return nil, err
	}
	steps := make([]Step, 0, len(moves))
	for _, m := range moves {
		step := Step{Transition: m, FromName: stateName(svc, m.From), ToName: stateName(svc, m.To)}
		if a := svc.Action(m.Action); a != nil {
			step.ActionName = a.Name
		}
		if step.ActorName, err = staff.of(ctx, tx, m.Actor); err != nil {
			return nil, err
		}
		steps = append(steps, step)
	}
	return steps, nil
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
