package orchestration

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/workflow"
)

// Act is what a member of staff does. Items are the questions sent back for correction; Comment is read by the
// citizen; Rev is the one the officer saw.
type Act struct {
	Application uuid.UUID
	Action      string
	By          identity.Principal
	Comment     string
	Items       []string
	Checklist   []string
	Rev         int64
}

// Act takes an action on an application with all that follows from it, in one transaction. Errors: ErrUnknown,
// ErrItems, and those of workflow.Act.
func (s *Service) Act(ctx context.Context, tx *pg.Tx, in Act) (m workflow.Moved, err error) {
	defer fault.Wrap(&err, "orchestration.Act(%s, %s)", in.Application, in.Action)
	app, err := s.load(ctx, tx, in.Application)
	if err != nil {
		return m, err
	}
	svc, err := s.deps.Services.Service(ctx, tx, app.Service, app.Version)
	if err != nil {
		return m, err
	}
	facts, err := s.facts(ctx, tx, svc, app, tx.Now)
	if err != nil {
		return m, err
	}
	m, err = s.deps.Workflow.Act(ctx, tx, workflow.Act{
		Instance: in.Application, Action: in.Action, By: in.By, Comment: in.Comment, Checklist: in.Checklist, Rev: in.Rev,
		Ground: &workflow.Ground{Answers: app.Answers, Facts: facts},
	})
	if err != nil {
		return m, err
	}
	if m.Action.Has(servicespec.EffectCorrection) {
		if err := checkItems(svc, in.Items); err != nil {
			return m, err
		}
	}
	return m, s.follow(ctx, tx, m, in.Items)
}

// checkItems refuses a correction of nothing or of what was never asked. Errors: ErrItems.
func checkItems(svc *servicespec.Service, items []string) error {
	if len(items) == 0 {
		return ErrItems.WithFields(fault.Field{Path: "items", Code: ErrItems.Code})
	}
	for _, code := range items {
		if q := svc.Question(code); q == nil || q.Kind == servicespec.KindInfo || q.Kind == servicespec.KindComputed {
			return ErrItems.With("item", code).WithFields(fault.Field{Path: "items", Code: ErrItems.Code})
		}
	}
	return nil
}

// follow does what a move brings about: its effects, the answer to the citizen, the event for the read models.
func (s *Service) follow(ctx context.Context, tx *pg.Tx, m workflow.Moved, items []string) error {
	app, err := s.load(ctx, tx, m.Instance.ID)
	if err != nil {
		return err
	}
	app.Case = m.Instance
	svc, err := s.deps.Services.Service(ctx, tx, app.Service, app.Version)
	if err != nil {
		return err
	}
	for _, e := range m.Effects {
		if err := s.effect(ctx, tx, e, &app, svc, items); err != nil {
			return err
		}
	}
	if err := setPromise(ctx, tx, app.ID, m.Instance.TotalDueAt); err != nil {
		return err
	}
	answer := exchange.ServiceResponse{Kind: exchange.Moved, Note: m.Comment}
	if m.Action.Has(servicespec.EffectCorrection) {
		answer.Kind, answer.Items = exchange.Correction, items
	}
	if m.Instance.Ended {
		answer.Kind, answer.Outcome = exchange.Decided, m.Instance.Outcome
		if err := s.decide(ctx, tx, app, m); err != nil {
			return err
		}
	}
	if err := s.answer(ctx, tx, m.Instance, svc, answer); err != nil {
		return err
	}
	if err := s.publish(ctx, tx, m); err != nil {
		return err
	}
	return s.passPayment(ctx, tx, app)
}

func (s *Service) effect(ctx context.Context, tx *pg.Tx, effect string, app *Application, svc *servicespec.Service, items []string) error {
	switch kind, of := servicespec.Effect(effect); kind {
	case servicespec.EffectCorrection:
		return setAsked(ctx, tx, app.ID, items)
	case servicespec.EffectDemand:
		return s.raise(ctx, tx, app, svc)
	case servicespec.EffectCertificate:
		return s.issue(ctx, tx, app, svc, of)
	case servicespec.EffectRecord:
		return s.record(ctx, tx, *app, svc, of)
	}
	return nil
}

// passPayment moves a case on that waits for a payment where nothing is to be paid, or all is.
func (s *Service) passPayment(ctx context.Context, tx *pg.Tx, app Application) error {
	if app.Case.Kind != workflow.KindPayment || app.Demand != uuid.Nil && app.Receipt == "" {
		return nil
	}
	m, moved, err := s.deps.Workflow.Signal(ctx, tx, app.ID, workflow.SignalPaid, nil)
	if err != nil || !moved {
		return err
	}
	return s.follow(ctx, tx, m, nil)
}

// answer tells the citizen's side where the case stands, in all languages of the service.
func (s *Service) answer(ctx context.Context, tx *pg.Tx, i workflow.Instance, svc *servicespec.Service, r exchange.ServiceResponse) error {
	st := svc.StateOf(i.State)
	r.RequestID, r.State, r.StateName, r.Text, r.Promised, r.At = i.ID, st.Code, st.CitizenName, st.CitizenText, i.TotalDueAt, tx.Now
	if r.StateName.IsZero() {
		r.StateName = st.Name
	}
	return s.deps.Exchange.SendResponse(ctx, tx, r)
}

// decide records how an application ended; what was to be paid and is not need not be paid any more.
func (s *Service) decide(ctx context.Context, tx *pg.Tx, app Application, m workflow.Moved) error {
	if app.Demand != uuid.Nil && app.Receipt == "" {
		if err := s.deps.Payments.Cancel(ctx, tx, app.Demand, m.Instance.Outcome); err != nil {
			return err
		}
	}
	return s.insertDecision(ctx, tx, app, m)
}

func (s *Service) publish(ctx context.Context, tx *pg.Tx, m workflow.Moved) error {
	i := m.Instance
	if err := tx.Publish(ctx, exchange.CaseMoved{
		Case: caseOf(i, m.At), From: m.From, To: i.State, Action: m.Action.Code, Kind: i.Kind, Actor: m.Actor,
		Working: int64(m.Dwell.Working / time.Second), DueAt: i.TotalDueAt, Paused: i.PausedAt != nil,
	}); err != nil || !i.Ended {
		return err
	}
	return tx.Publish(ctx, exchange.CaseDecided{
		Case: caseOf(i, m.At), Outcome: i.Outcome, Kept: i.Kept(m.At), Working: int64(m.Worked / time.Second),
	})
}

func caseOf(i workflow.Instance, at time.Time) exchange.Case {
	return exchange.Case{ID: i.ID, Service: i.Service, Agency: i.Agency, Boundary: i.Boundary, At: at}
}
