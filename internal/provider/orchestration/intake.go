package orchestration

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/certificate"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/registry"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/workflow"
)

// Receive takes a service request in: a new one, its correction, its withdrawal, or that what was decided be taken up
// again; what the citizen writes, or what another agency asks its opinion on. A message that comes again changes
// nothing. What cannot be accepted is answered with the fields at fault and leaves nothing behind.
// Permission: none, the exchange calls it. Errors: ErrKind, ErrReference, ErrUnknown.
func (s *Service) Receive(ctx context.Context, tx *pg.Tx, in exchange.ServiceRequest) (err error) {
	defer fault.Wrap(&err, "orchestration.Receive(%s, %s)", in.ID, in.Kind)
	talk := in.Kind == exchange.Message || in.Kind == exchange.Seen // which know themselves when they come again
	if !talk {
		if fresh, err := insertDelivery(ctx, tx, in); err != nil || !fresh {
			return err
		}
	}
	if in.Opinion != nil {
		return s.consulted(ctx, tx, in)
	}
	app, found, err := s.application(ctx, tx, in.ID)
	if err != nil {
		return err
	}
	if found && (in.Person != app.Person || in.Service != app.Service) { // somebody else's id was guessed
		return ErrUnknown
	}
	switch {
	case talk && found:
		return s.receiveMessage(ctx, tx, app, in)
	case talk:
		return ErrUnknown
	case in.Kind == exchange.Apply && found:
		return nil
	case in.Kind == exchange.Apply, in.Kind == exchange.Correct && !found: // refused before: it comes as a correction
		return s.apply(ctx, tx, in)
	case in.Kind == exchange.Correct:
		return s.correct(ctx, tx, in, app)
	case slices.Contains([]string{exchange.Withdraw, exchange.Reopen, exchange.Appeal}, in.Kind) && found:
		return s.ask(ctx, tx, in, app)
	case slices.Contains([]string{exchange.Withdraw, exchange.Reopen, exchange.Appeal}, in.Kind):
		return ErrUnknown
	}
	return ErrKind.With("kind", in.Kind)
}

// acceptable checks a request as if nobody had before. The fields are empty if it can be taken in.
func (s *Service) acceptable(ctx context.Context, tx *pg.Tx, in exchange.ServiceRequest) (svc *servicespec.Service, a servicespec.Answers, f servicespec.Facts, fields []fault.Field, err error) {
	_, err = s.deps.Services.Offered(ctx, tx, in.Service)
	if err == nil {
		svc, err = s.deps.Services.Service(ctx, tx, in.Service, in.Version)
	}
	if kind := fault.Of(err); err != nil && kind.Kind != fault.KindInternal && kind.Kind != fault.KindUnavailable {
		return nil, nil, f, []fault.Field{{Path: "service", Code: kind.Code, Args: kind.Args}}, nil
	}
	if err != nil {
		return nil, nil, f, nil, err
	}
	if a, err = servicespec.DecodeAnswers(in.Answers); err != nil {
		return svc, nil, f, []fault.Field{{Path: "answers", Code: fault.Of(err).Code}}, nil
	}
	app := Application{Person: in.Person, Answers: a}
	if f, err = s.judge(ctx, tx, svc, &app, in.SubmittedAt); err != nil {
		return svc, a, f, nil, err
	}
	fields, err = s.faults(ctx, tx, svc, app, f)
	return svc, a, f, fields, err
}

// judge returns the facts that the rules of an application are evaluated on, with the records that its answers ask for and
// the person has agreed to.
func (s *Service) judge(ctx context.Context, tx *pg.Tx, svc *servicespec.Service, app *Application, at time.Time) (servicespec.Facts, error) {
	f, err := s.facts(ctx, tx, svc, *app, at)
	if err != nil {
		return f, err
	}
	if app.Found, err = s.lookUp(ctx, tx, svc, *app, f); err != nil {
		return f, err
	}
	f.Found = app.Found
	return f, nil
}

// lookUp reads the records of registers that are the person's own. Each reading is on record.
func (s *Service) lookUp(ctx context.Context, tx *pg.Tx, svc *servicespec.Service, app Application, f servicespec.Facts) (map[servicespec.LookupKey]map[string]any, error) {
	f.Found = map[servicespec.LookupKey]map[string]any{}
	for {
		wanted := svc.Wanted(app.Answers, f)
		if len(wanted) == 0 {
			return f.Found, nil
		}
		for _, w := range wanted {
			e, err := s.deps.Registers.Find(ctx, tx, w.Lookup.Registry, w.Key)
			switch {
			case errors.Is(err, registry.ErrNotFound), err == nil && e.Holder != app.Person:
				f.Found[w.LookupKey] = nil
			case err != nil:
				return nil, err
			default:
				f.Found[w.LookupKey] = e.Data
			}
		}
	}
}

// faults checks the answers as if nobody had before, and that the credentials they show are the person's and in force.
func (s *Service) faults(ctx context.Context, tx *pg.Tx, svc *servicespec.Service, app Application, f servicespec.Facts) ([]fault.Field, error) {
	fields := svc.Validate(app.Answers, f)
	for question, shown := range svc.Shown(app.Answers) {
		valid, err := s.inForce(ctx, tx, app.Person, shown)
		if err != nil {
			return nil, err
		}
		if !valid {
			fields = append(fields, fault.Field{Path: question, Code: "credential_missing", Args: map[string]any{"question": svc.Question(question).Label}})
		}
	}
	return fields, nil
}

func (s *Service) inForce(ctx context.Context, tx *pg.Tx, person uuid.UUID, shown servicespec.Proven) (bool, error) {
	id, err := uuid.Parse(shown.Credential)
	if err != nil {
		return false, nil
	}
	c, err := s.deps.Certificates.Credential(ctx, tx, id)
	if errors.Is(err, certificate.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	current := c.Status == certificate.Valid && (c.ExpiresAt == nil || tx.Now.Before(*c.ExpiresAt))
	return current && c.Holder == person && c.Type == shown.Type, nil
}

func (s *Service) refuse(ctx context.Context, tx *pg.Tx, in exchange.ServiceRequest, fields []fault.Field) error {
	if err := s.deps.Exchange.SendResponse(ctx, tx, exchange.ServiceResponse{
		RequestID: in.ID, Kind: exchange.Refused, Fields: fields, At: tx.Now,
	}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "orchestration.refuse", Object: Subject, ObjectID: in.ID, Person: in.Person,
		Detail: map[string]any{"service": in.Service, "fields": len(fields)},
	})
}

// apply takes a new request in: application, case, promise, demand and answer in one transaction.
func (s *Service) apply(ctx context.Context, tx *pg.Tx, in exchange.ServiceRequest) error {
	svc, answers, facts, fields, err := s.acceptable(ctx, tx, in)
	if err != nil {
		return err
	}
	var why []servicespec.Because
	if len(fields) == 0 {
		var err error
		if _, why, err = svc.FeesAtReceipt(answers, facts); err != nil {
			fields = []fault.Field{{Path: "fees", Code: fault.Of(err).Code}}
		}
	}
	if len(fields) > 0 {
		return s.refuse(ctx, tx, in, fields)
	}
	app := Application{
		ID: in.ID, Reference: in.Reference, Service: in.Service, Version: svc.Pack().Version, Agency: svc.Pack().Agency,
		Boundary: svc.Place(answers), Person: in.Person, Name: in.Name, Business: in.Business, By: in.By, Lang: in.Lang, Answers: answers, Found: facts.Found,
		Because: servicespec.Why(append(svc.Trace(answers, facts), why...)), SubmittedAt: in.SubmittedAt, ReceivedAt: tx.Now,
	}
	if err := s.insert(ctx, tx, app); err != nil {
		return err
	}
	if app.Case, err = s.deps.Workflow.Start(ctx, tx, workflow.Start{
		ID: app.ID, Reference: app.Reference, Service: app.Service, Version: app.Version, Person: app.Person, Boundary: app.Boundary,
		Ground: &workflow.Ground{Answers: answers, Facts: facts},
	}); err != nil {
		return err
	}
	if err := setPromise(ctx, tx, app.ID, app.Case.TotalDueAt); err != nil {
		return err
	}
	if err := s.mark(ctx, tx, app, svc); err != nil {
		return err
	}
	if err := s.answer(ctx, tx, app.Case, svc, exchange.ServiceResponse{Kind: exchange.Received}); err != nil {
		return err
	}
	if err := tx.Publish(ctx, exchange.CaseReceived{Case: caseOf(app.Case, tx.Now), DueAt: app.Case.TotalDueAt}); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, audit.Entry{
		Action: "orchestration.receive", Object: Subject, ObjectID: app.ID, Person: app.Person,
		Detail: map[string]any{"service": app.Service, "version": app.Version, "reference": app.Reference},
	}); err != nil {
		return err
	}
	if !svc.DemandsLater() {
		if err := s.reassess(ctx, tx, &app, svc); err != nil {
			return err
		}
	}
	if err := s.consult(ctx, tx, app, svc); err != nil {
		return err
	}
	return s.settle(ctx, tx, app.Case)
}

// correct takes corrected answers in, if the case waits for them, and keeps the answers before for comparison.
func (s *Service) correct(ctx context.Context, tx *pg.Tx, in exchange.ServiceRequest, app Application) error {
	app, err := s.locked(ctx, tx, app.ID)
	if err != nil {
		return err
	}
	svc, err := s.deps.Services.Service(ctx, tx, app.Service, app.Version)
	if err != nil {
		return err
	}
	sent, err := servicespec.DecodeAnswers(in.Answers)
	if err != nil {
		return s.refuse(ctx, tx, in, []fault.Field{{Path: "answers", Code: fault.Of(err).Code}})
	}
	before := app.Answers
	app.Answers = servicespec.Corrected(before, sent, app.Asked)
	facts, err := s.judge(ctx, tx, svc, &app, in.SubmittedAt)
	if err != nil {
		return err
	}
	app.Answers = svc.Clean(app.Answers, facts)
	answers := app.Answers
	fields, err := s.faults(ctx, tx, svc, app, facts)
	if err != nil {
		return err
	}
	if len(fields) > 0 {
		return s.refuse(ctx, tx, in, fields)
	}
	ground := workflow.Ground{Answers: answers, Facts: facts, Paid: app.paid()}
	m, moved, err := s.deps.Workflow.Signal(ctx, tx, app.ID, workflow.SignalCorrected, &ground)
	if err != nil {
		return err
	}
	if !moved { // nobody asked: the answers stay, the citizen is told where the case stands
		return s.answer(ctx, tx, app.Case, svc, exchange.ServiceResponse{Kind: exchange.Moved})
	}
	app.Because = servicespec.Why(svc.Trace(answers, facts))
	if err := s.setCorrected(ctx, tx, app); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, audit.Entry{Action: "orchestration.correct", Object: Subject, ObjectID: app.ID, Person: app.Person}); err != nil {
		return err
	}
	if svc.Reassessed("correction") {
		app.Case = m.Instance
		if err := s.reassess(ctx, tx, &app, svc); err != nil {
			return err
		}
	}
	return s.follow(ctx, tx, m, nil)
}

// ask does what the citizen wants where the case's state allows that: it ends, or what was decided is taken up again. Otherwise it answers
// where the case stands.
func (s *Service) ask(ctx context.Context, tx *pg.Tx, in exchange.ServiceRequest, app Application) error {
	app, err := s.locked(ctx, tx, app.ID)
	if err != nil {
		return err
	}
	svc, err := s.deps.Services.Service(ctx, tx, app.Service, app.Version)
	if err != nil {
		return err
	}
	facts, err := s.facts(ctx, tx, svc, app, tx.Now)
	if err != nil {
		return err
	}
	m, moved, err := s.deps.Workflow.Ask(ctx, tx, workflow.Ask{
		Instance: app.ID, Kind: in.Kind, Words: in.Note, Ground: &workflow.Ground{Answers: app.Answers, Facts: facts, Paid: app.paid()},
	})
	if err != nil {
		return err
	}
	if moved {
		return s.follow(ctx, tx, m, nil)
	}
	answer := exchange.ServiceResponse{Kind: exchange.Moved}
	if app.Case.Ended {
		answer = exchange.ServiceResponse{Kind: exchange.Decided, Outcome: app.Case.Outcome, Events: []string{"refused"}}
	}
	return s.answer(ctx, tx, app.Case, svc, answer)
}

// application returns an application with where it stands; found is false where there is none.
func (s *Service) application(ctx context.Context, tx *pg.Tx, id uuid.UUID) (app Application, found bool, err error) {
	i, err := s.deps.Workflow.Instance(ctx, tx, id)
	if errors.Is(err, workflow.ErrUnknown) {
		return app, false, nil
	}
	if err != nil {
		return app, false, err
	}
	app, err = s.at(ctx, tx, i)
	return app, err == nil, err
}

// locked returns an application with where it stands, and nobody else changes it until the transaction ends: what rules are to see is read
// under the lock. Errors: ErrUnknown.
func (s *Service) locked(ctx context.Context, tx *pg.Tx, id uuid.UUID) (app Application, err error) {
	i, err := s.deps.Workflow.Lock(ctx, tx, id)
	if errors.Is(err, workflow.ErrUnknown) {
		return app, ErrUnknown
	}
	if err != nil {
		return app, err
	}
	return s.at(ctx, tx, i)
}

// at returns the application of a case. Errors: ErrUnknown.
func (s *Service) at(ctx context.Context, tx *pg.Tx, i workflow.Instance) (app Application, err error) {
	if app, err = s.load(ctx, tx, i.ID); err != nil {
		return app, err
	}
	app.Case = i
	app.Findings, err = s.deps.Workflow.Found(ctx, tx, i)
	return app, err
}
