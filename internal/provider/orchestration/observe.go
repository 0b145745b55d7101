package orchestration

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/event"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration/internal/orchestrationdb"
	"digit/internal/provider/workflow"
)

// Moved sees a move through that a timer has made. Permission: none, workflow calls it.
func (s *Service) Moved(ctx context.Context, tx *pg.Tx, m workflow.Moved) (err error) {
	defer fault.Wrap(&err, "orchestration.Moved(%s)", m.Instance.ID)
	return s.follow(ctx, tx, m, nil)
}

// Escalated tells whom the service names that a state has lasted too long. Permission: none, workflow calls it.
func (s *Service) Escalated(ctx context.Context, tx *pg.Tx, e workflow.Escalated) (err error) {
	defer fault.Wrap(&err, "orchestration.Escalated(%s)", e.Instance.ID)
	app, err := s.at(ctx, tx, e.Instance)
	if err != nil {
		return err
	}
	svc, err := s.deps.Services.Service(ctx, tx, app.Service, app.Version)
	if err != nil {
		return err
	}
	event := "escalation:" + e.Escalation.Code
	at, _ := e.Instance.In(e.Branch)
	if err := s.tellStaff(ctx, tx, app, svc, at, e.Escalation.Notify, event); err != nil {
		return err
	}
	return s.answer(ctx, tx, app.Case, svc, exchange.ServiceResponse{Kind: exchange.Told, Events: []string{event}})
}

// Overdue tells the read models that a promise has passed. Permission: none, workflow calls it.
func (s *Service) Overdue(ctx context.Context, tx *pg.Tx, i workflow.Instance) (err error) {
	defer fault.Wrap(&err, "orchestration.Overdue(%s)", i.ID)
	return tx.Publish(ctx, exchange.CaseOverdue{Case: caseOf(i, tx.Now), DueAt: *i.TotalDueAt})
}

// Ground returns what guards are evaluated on. Permission: none, workflow calls it. Errors: ErrUnknown.
func (s *Service) Ground(ctx context.Context, tx *pg.Tx, instance uuid.UUID) (g workflow.Ground, err error) {
	defer fault.Wrap(&err, "orchestration.Ground(%s)", instance)
	app, found, err := s.application(ctx, tx, instance)
	if err != nil {
		return g, err
	}
	if !found {
		return g, ErrUnknown
	}
	svc, err := s.deps.Services.Service(ctx, tx, app.Service, app.Version)
	if err != nil {
		return g, err
	}
	f, err := s.facts(ctx, tx, svc, app, tx.Now)
	return workflow.Ground{Answers: app.Answers, Facts: f, Paid: app.paid()}, err
}

// paid notes a receipt and moves a case on that waits for the money. A second notice of one payment changes nothing.
func (s *Service) paid(ctx context.Context, tx *pg.Tx, ev event.Envelope[payment.DemandPaid]) (err error) {
	defer fault.Wrap(&err, "orchestration.paid(%s)", ev.Data.SubjectID)
	if ev.Data.Subject != Subject && ev.Data.Subject != ChargeSubject {
		return nil
	}
	app, found, err := s.chargedFor(ctx, tx, ev.Data)
	if err != nil || !found {
		return err
	}
	svc, err := s.deps.Services.Service(ctx, tx, app.Service, app.Version)
	if err != nil {
		return err
	}
	if err := db.SetChargePaid(ctx, tx, orchestrationdb.SetChargePaidParams{DemandID: ev.Data.Demand, Receipt: ev.Data.Receipt}); err != nil {
		return err
	}
	if ev.Data.Demand == app.Demand {
		if err := setReceipt(ctx, tx, app.ID, ev.Data.Receipt); err != nil {
			return err
		}
	}
	if err := s.answer(ctx, tx, app.Case, svc, exchange.ServiceResponse{Kind: exchange.Paid, Receipt: ev.Data.Receipt}); err != nil {
		return err
	}
	if err := tx.Publish(ctx, exchange.CasePaid{Case: caseOf(app.Case, tx.Now), Amount: ev.Data.Amount}); err != nil {
		return err
	}
	return s.settle(ctx, tx, app.Case)
}

// reopened notes that what was paid is to be paid again, and tells the applicant and who has the case. The case stays where it is: what goes
// on without the money is for people to say.
func (s *Service) reopened(ctx context.Context, tx *pg.Tx, ev event.Envelope[payment.DemandReopened]) (err error) {
	defer fault.Wrap(&err, "orchestration.reopened(%s)", ev.Data.SubjectID)
	if ev.Data.Subject != Subject && ev.Data.Subject != ChargeSubject {
		return nil
	}
	of, err := db.GetCharge(ctx, tx, ev.Data.Demand)
	if pg.NotFound(err) || err == nil && of.Status != "paid" {
		return nil
	}
	if err != nil {
		return err
	}
	app, err := s.locked(ctx, tx, of.ApplicationID)
	if err != nil {
		return err
	}
	svc, err := s.deps.Services.Service(ctx, tx, app.Service, app.Version)
	if err != nil {
		return err
	}
	if err := db.SetChargeOpen(ctx, tx, ev.Data.Demand); err != nil {
		return err
	}
	if ev.Data.Demand == app.Demand {
		if err := setReceipt(ctx, tx, app.ID, ""); err != nil {
			return err
		}
		app.Receipt = ""
	}
	credit, err := s.deps.Payments.LockCredit(ctx, tx, Subject, app.ID)
	if err != nil {
		return err
	}
	if credit.ID != uuid.Nil { // it was of money that is not there
		if err := s.reassess(ctx, tx, &app, svc); err != nil || app.Demand != ev.Data.Demand {
			return err
		}
	}
	if err := s.tellUnpaid(ctx, tx, app, ev.Data.Demand, ev.Data.Amount); err != nil {
		return err
	}
	return s.answer(ctx, tx, app.Case, svc, exchange.ServiceResponse{
		Kind: exchange.DemandMade, Demand: &exchange.DemandRef{ID: ev.Data.Demand, Amount: ev.Data.Amount},
	})
}

// tellUnpaid tells who has the case, and where nobody has it who puts cases back in the agency, that what was paid is not.
func (s *Service) tellUnpaid(ctx context.Context, tx *pg.Tx, app Application, demand uuid.UUID, amount money.Amount) error {
	to := "assignee"
	if app.Case.Assignee == uuid.Nil {
		to = "agency"
	}
	people, err := s.recipients(ctx, tx, app.Case, []string{to})
	if err != nil {
		return err
	}
	link, err := s.deps.People.CaseURL(ctx, tx, app.ID)
	if err != nil {
		return err
	}
	return s.tellColleagues(ctx, tx, people, line{
		purpose: "orchestration.unpaid", about: app.ID, once: "unpaid:" + demand.String() + ":" + app.Receipt,
		say: func(texts *i18n.Catalog, lang string) (string, string) {
			args := map[string]any{"reference": app.Reference, "amount": i18n.FormatMoney(lang, amount), "link": link}
			return texts.T(lang, "notice.unpaid.subject", args), texts.T(lang, "notice.unpaid.text", args)
		},
	})
}

// settle does what happens to a case by itself now.
func (s *Service) settle(ctx context.Context, tx *pg.Tx, i workflow.Instance) error {
	m, moved, err := s.advance(ctx, tx, i)
	if err != nil || !moved {
		return err
	}
	return s.follow(ctx, tx, m, nil)
}
