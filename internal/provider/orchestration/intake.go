package orchestration

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/workflow"
)

// Receive takes a service request in: a new one, its correction, or its withdrawal. A message that comes again changes
// nothing. What cannot be accepted is answered with the fields at fault and leaves nothing behind.
// Permission: none, the exchange calls it. Errors: ErrKind, ErrReference, ErrUnknown.
func (s *Service) Receive(ctx context.Context, tx *pg.Tx, in exchange.ServiceRequest) (err error) {
	defer fault.Wrap(&err, "orchestration.Receive(%s, %s)", in.ID, in.Kind)
	fresh, err := insertDelivery(ctx, tx, in)
	if err != nil || !fresh {
		return err
	}
	app, found, err := s.application(ctx, tx, in.ID)
	if err != nil {
		return err
	}
	if found && (in.Person != app.Person || in.Service != app.Service) { // somebody else's id was guessed
		return ErrUnknown
	}
	switch {
	case in.Kind == exchange.Apply && found:
		return nil
	case in.Kind == exchange.Apply, in.Kind == exchange.Correct && !found: // refused before: it comes as a correction
		return s.apply(ctx, tx, in)
	case in.Kind == exchange.Correct:
		return s.correct(ctx, tx, in, app)
	case in.Kind == exchange.Withdraw && found:
		return s.withdraw(ctx, tx, app)
	case in.Kind == exchange.Withdraw:
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
	if f, err = s.facts(ctx, tx, in.SubmittedAt); err != nil {
		return svc, a, f, nil, err
	}
	return svc, a, f, svc.Validate(a, f), nil
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
	if len(fields) == 0 {
		if _, err := svc.Fees(answers, facts); err != nil {
			fields = []fault.Field{{Path: "fees", Code: fault.Of(err).Code}}
		}
	}
	if len(fields) > 0 {
		return s.refuse(ctx, tx, in, fields)
	}
	app := Application{
		ID: in.ID, Reference: in.Reference, Service: in.Service, Version: svc.Pack().Version, Agency: svc.Pack().Agency,
		Boundary: place(svc, answers), Person: in.Person, Name: in.Name, Lang: in.Lang, Answers: answers,
		SubmittedAt: in.SubmittedAt, ReceivedAt: tx.Now,
	}
	if err := s.insert(ctx, tx, app); err != nil {
		return err
	}
	if app.Case, err = s.deps.Workflow.Start(ctx, tx, workflow.Start{
		ID: app.ID, Reference: app.Reference, Service: app.Service, Version: app.Version, Person: app.Person, Boundary: app.Boundary,
	}); err != nil {
		return err
	}
	if err := setPromise(ctx, tx, app.ID, app.Case.TotalDueAt); err != nil {
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
	if !demandsLater(svc) {
		if err := s.raise(ctx, tx, &app, svc); err != nil {
			return err
		}
	}
	return s.passPayment(ctx, tx, app)
}

// demandsLater reports whether the service says itself at which step it asks for money; otherwise it does at receipt.
func demandsLater(svc *servicespec.Service) bool {
	for _, a := range svc.Pack().Workflow.Actions {
		for _, e := range a.Effect {
			if e == effectDemand {
				return true
			}
		}
	}
	return false
}

// correct takes corrected answers in, if the case waits for them, and keeps the answers before for comparison.
func (s *Service) correct(ctx context.Context, tx *pg.Tx, in exchange.ServiceRequest, app Application) error {
	svc, err := s.deps.Services.Service(ctx, tx, app.Service, app.Version)
	if err != nil {
		return err
	}
	sent, err := servicespec.DecodeAnswers(in.Answers)
	if err != nil {
		return s.refuse(ctx, tx, in, []fault.Field{{Path: "answers", Code: fault.Of(err).Code}})
	}
	facts, err := s.facts(ctx, tx, in.SubmittedAt)
	if err != nil {
		return err
	}
	answers := svc.Clean(corrected(app.Answers, sent, app.Asked), facts)
	if fields := svc.Validate(answers, facts); len(fields) > 0 {
		return s.refuse(ctx, tx, in, fields)
	}
	m, moved, err := s.deps.Workflow.Signal(ctx, tx, app.ID, workflow.SignalCorrected, &workflow.Ground{Answers: answers, Facts: facts})
	if err != nil {
		return err
	}
	if !moved { // nobody asked: the answers stay, the citizen is told where the case stands
		return s.answer(ctx, tx, app.Case, svc, exchange.ServiceResponse{Kind: exchange.Moved})
	}
	if err := s.setCorrected(ctx, tx, app, answers); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, audit.Entry{Action: "orchestration.correct", Object: Subject, ObjectID: app.ID, Person: app.Person}); err != nil {
		return err
	}
	return s.follow(ctx, tx, m, nil)
}

// withdraw ends a case at the citizen's wish where its state allows that; otherwise it answers where the case stands.
func (s *Service) withdraw(ctx context.Context, tx *pg.Tx, app Application) error {
	m, moved, err := s.deps.Workflow.Signal(ctx, tx, app.ID, workflow.SignalWithdrawn, nil)
	if err != nil {
		return err
	}
	if moved {
		return s.follow(ctx, tx, m, nil)
	}
	svc, err := s.deps.Services.Service(ctx, tx, app.Service, app.Version)
	if err != nil {
		return err
	}
	return s.answer(ctx, tx, app.Case, svc, exchange.ServiceResponse{Kind: exchange.Moved})
}

// application returns an application with where it stands; found is false where there is none.
func (s *Service) application(ctx context.Context, tx *pg.Tx, id uuid.UUID) (app Application, found bool, err error) {
	app, err = s.load(ctx, tx, id)
	if errors.Is(err, ErrUnknown) {
		return app, false, nil
	}
	if err != nil {
		return app, false, err
	}
	app.Case, err = s.deps.Workflow.Instance(ctx, tx, id)
	return app, err == nil, err
}
