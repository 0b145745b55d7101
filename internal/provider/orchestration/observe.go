package orchestration

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/event"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/workflow"
)

// Moved sees a move through that a timer has made. Permission: none, workflow calls it.
func (s *Service) Moved(ctx context.Context, tx *pg.Tx, m workflow.Moved) (err error) {
	defer fault.Wrap(&err, "orchestration.Moved(%s)", m.Instance.ID)
	return s.follow(ctx, tx, m, nil)
}

// Overdue tells the read models that a promise has passed. Permission: none, workflow calls it.
func (s *Service) Overdue(ctx context.Context, tx *pg.Tx, i workflow.Instance) (err error) {
	defer fault.Wrap(&err, "orchestration.Overdue(%s)", i.ID)
	return tx.Publish(ctx, exchange.CaseOverdue{Case: caseOf(i, tx.Now), DueAt: *i.TotalDueAt})
}

// Ground returns what guards are evaluated on. Permission: none, workflow calls it. Errors: ErrUnknown.
func (s *Service) Ground(ctx context.Context, tx *pg.Tx, instance uuid.UUID) (g workflow.Ground, err error) {
	defer fault.Wrap(&err, "orchestration.Ground(%s)", instance)
	app, err := s.load(ctx, tx, instance)
	if err != nil {
		return g, err
	}
	svc, err := s.deps.Services.Service(ctx, tx, app.Service, app.Version)
	if err != nil {
		return g, err
	}
	f, err := s.facts(ctx, tx, svc, app, tx.Now)
	return workflow.Ground{Answers: app.Answers, Facts: f}, err
}

// paid notes a receipt and moves a case on that waits for the money. A second notice of one payment changes nothing.
func (s *Service) paid(ctx context.Context, tx *pg.Tx, ev event.Envelope[payment.DemandPaid]) (err error) {
	defer fault.Wrap(&err, "orchestration.paid(%s)", ev.Data.SubjectID)
	if ev.Data.Subject != Subject {
		return nil
	}
	app, found, err := s.application(ctx, tx, ev.Data.SubjectID)
	if err != nil || !found || app.Receipt != "" {
		return err
	}
	svc, err := s.deps.Services.Service(ctx, tx, app.Service, app.Version)
	if err != nil {
		return err
	}
	m, moved, err := s.deps.Workflow.Signal(ctx, tx, app.ID, workflow.SignalPaid, nil)
	if err != nil {
		return err
	}
	if err := setReceipt(ctx, tx, app.ID, ev.Data.Receipt); err != nil {
		return err
	}
	if err := s.answer(ctx, tx, app.Case, svc, exchange.ServiceResponse{Kind: exchange.Paid, Receipt: ev.Data.Receipt}); err != nil {
		return err
	}
	if err := tx.Publish(ctx, exchange.CasePaid{Case: caseOf(app.Case, tx.Now), Amount: ev.Data.Amount}); err != nil || !moved {
		return err
	}
	return s.follow(ctx, tx, m, nil)
}
