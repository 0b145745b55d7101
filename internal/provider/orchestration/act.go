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
// citizen, and so are Reasons in the words that the service has for them; Rev is the one the officer saw.
type Act struct {
	Application uuid.UUID
	Action      string
	By          identity.Principal
	Comment     string
	Items       []string
	Checklist   []string
	Reasons     []string
	Findings    workflow.Findings
	Rev         int64
}

// Act takes an action on an application with all that follows from it, in one transaction. Errors: ErrUnknown,
// ErrItems, and those of workflow.Act.
func (s *Service) Act(ctx context.Context, tx *pg.Tx, in Act) (m workflow.Moved, err error) {
	defer fault.Wrap(&err, "orchestration.Act(%s, %s)", in.Application, in.Action)
	app, err := s.locked(ctx, tx, in.Application)
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
	m, err = s.deps.Workflow.Act(ctx, tx, in.workflow(app, facts))
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

// workflow is the act as workflow takes it.
func (in Act) workflow(app Application, facts servicespec.Facts) workflow.Act {
	return workflow.Act{
		Instance: in.Application, Action: in.Action, By: in.By, Comment: in.Comment, Checklist: in.Checklist, Reasons: in.Reasons, Findings: in.Findings,
		Rev: in.Rev, Ground: &workflow.Ground{Answers: app.Answers, Facts: facts, Paid: app.paid()},
	}
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

// mostSteps bounds what happens by itself in a row; a service that goes round without end stops there, and what began it is undone.
const mostSteps = 100

// follow does what a move brings about, and what then happens by itself, move after move.
func (s *Service) follow(ctx context.Context, tx *pg.Tx, m workflow.Moved, items []string) error {
	for range mostSteps {
		if err := s.effects(ctx, tx, m, items); err != nil {
			return err
		}
		next, moved, err := s.advance(ctx, tx, m.Instance)
		if err != nil || !moved {
			return err
		}
		m, items = next, nil
	}
	return ErrEndless.With("state", m.Instance.State)
}

// advance takes the action of the system that is due now, if there is one.
func (s *Service) advance(ctx context.Context, tx *pg.Tx, i workflow.Instance) (m workflow.Moved, moved bool, err error) {
	if i.Ended {
		return m, false, nil
	}
	app, err := s.at(ctx, tx, i)
	if err != nil {
		return m, false, err
	}
	svc, err := s.deps.Services.Service(ctx, tx, app.Service, app.Version)
	if err != nil {
		return m, false, err
	}
	facts, err := s.facts(ctx, tx, svc, app, tx.Now)
	if err != nil {
		return m, false, err
	}
	return s.deps.Workflow.Advance(ctx, tx, i.ID, workflow.Ground{Answers: app.Answers, Facts: facts, Paid: app.paid()})
}

// effects does what a move brings about: its effects, the answer to the citizen, the event for the read models.
func (s *Service) effects(ctx context.Context, tx *pg.Tx, m workflow.Moved, items []string) error {
	app, err := s.at(ctx, tx, m.Instance)
	if err != nil {
		return err
	}
	svc, err := s.deps.Services.Service(ctx, tx, app.Service, app.Version)
	if err != nil {
		return err
	}
	if m.Again {
		if err := s.again(ctx, tx, &app, svc); err != nil {
			return err
		}
	}
	for _, e := range m.Effects {
		if err := s.effect(ctx, tx, e, &app, svc, m, items); err != nil {
			return err
		}
	}
	if svc.Reassessed(m.Action.Code) && !m.Action.Has(servicespec.EffectReassess) {
		if err := s.reassess(ctx, tx, &app, svc); err != nil {
			return err
		}
	}
	if err := setPromise(ctx, tx, app.ID, m.Instance.TotalDueAt); err != nil {
		return err
	}
	if err := s.consult(ctx, tx, app, svc); err != nil {
		return err
	}
	if m.Instance.Ended {
		if err := s.tellFollowers(ctx, tx, app, svc, m.Instance.State); err != nil {
			return err
		}
		if err := s.decide(ctx, tx, app, m); err != nil {
			return err
		}
	}
	answer := answerTo(svc, m, items)
	if err := s.answer(ctx, tx, m.Instance, svc, answer); err != nil {
		return err
	}
	at, _ := m.Instance.In(m.Branch)
	if err := s.tellStaff(ctx, tx, app, svc, at, nil, answer.Events...); err != nil {
		return err
	}
	return s.publish(ctx, tx, m)
}

// again takes an application up that was decided: the decision stays, and counts no more. What was not paid is demanded again.
func (s *Service) again(ctx context.Context, tx *pg.Tx, app *Application, svc *servicespec.Service) error {
	if err := s.setOpen(ctx, tx, app.ID); err != nil || app.Demand == uuid.Nil {
		return err
	}
	return s.reassess(ctx, tx, app, svc)
}

// answerTo tells the citizen's side of a move, with what the service's notices may be written for. What happens in a branch changes nothing
// for the citizen but for the notices.
func answerTo(svc *servicespec.Service, m workflow.Moved, items []string) exchange.ServiceResponse {
	r := exchange.ServiceResponse{Kind: exchange.Moved, Note: m.Comment, Events: []string{"action:" + m.Action.Code}}
	if m.Cause == workflow.CauseCitizen { // they know what they have written
		r.Note = ""
	}
	for _, code := range m.Reasons {
		if reason := svc.Reason(code); reason != nil {
			text := reason.Text
			if text.IsZero() {
				text = reason.Name
			}
			r.Reasons = append(r.Reasons, text)
		}
	}
	switch {
	case m.Branch != "":
		r.Kind, r.Note, r.Reasons = exchange.Told, "", nil
	case m.Action.Has(servicespec.EffectCorrection):
		r.Kind, r.Items = exchange.Correction, items
	case m.Instance.Ended:
		r.Kind, r.Outcome = exchange.Decided, m.Instance.Outcome
	case m.Again && m.Action.Kind == servicespec.KindAppeal:
		r.Kind = exchange.Appealed
	case m.Again:
		r.Kind = exchange.Reopened
	}
	switch r.Kind {
	case exchange.Decided:
		r.Events = append(r.Events, r.Outcome)
	case exchange.Correction, exchange.Appealed, exchange.Reopened:
		r.Events = append(r.Events, r.Kind)
	}
	r.Events = append(r.Events, "state:"+m.To.Code)
	return r
}

func (s *Service) effect(ctx context.Context, tx *pg.Tx, effect string, app *Application, svc *servicespec.Service, m workflow.Moved, items []string) error {
	switch kind, of := servicespec.Effect(effect); kind {
	case servicespec.EffectCorrection:
		return setAsked(ctx, tx, app.ID, items)
	case servicespec.EffectDemand, servicespec.EffectReassess:
		return s.reassess(ctx, tx, app, svc)
	case servicespec.EffectCertificate:
		return s.issue(ctx, tx, app, svc, of)
	case servicespec.EffectLetter:
		return s.write(ctx, tx, *app, svc, m, of)
	case servicespec.EffectRecord:
		return s.record(ctx, tx, *app, svc, of)
	}
	return nil
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
	if !app.paid() {
		if err := s.cancel(ctx, tx, app.Demand, m.Instance.Outcome); err != nil {
			return err
		}
	}
	return s.insertDecision(ctx, tx, app, m)
}

// publish tells the read models of a move of the case; what goes on in its branches is one stay in the parallel state to them.
func (s *Service) publish(ctx context.Context, tx *pg.Tx, m workflow.Moved) error {
	i := m.Instance
	if m.Branch != "" {
		return nil
	}
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
