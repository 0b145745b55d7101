package payment

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// What a notice changed, as kept with it.
const (
	didPay     = "paid"
	didSurplus = "surplus"
	didFail    = "failed"
	didDispute = "disputed"
	didNothing = "nothing"
	didUnknown = "unknown_charge"
)

// Receive takes a gateway's notice in: it must be signed and fresh, and each event acts once. A notice about a charge
// that is not ours is kept and otherwise ignored. Open to everybody, the signature being the authority.
// Errors: ErrNoGateway, ErrSignature, ErrNotice, ErrReplayed.
func (s *Service) Receive(ctx context.Context, tx *pg.Tx, gateway string, header map[string][]string, body []byte) (err error) {
	defer fault.Wrap(&err, "payment.Receive(%s)", gateway)
	g, config, err := s.gateway(ctx, tx, gateway)
	if err != nil {
		return err
	}
	n, err := g.Notice(config, header, body)
	if err != nil {
		return err
	}
	if n.EventID == "" {
		return ErrNotice
	}
	return s.take(ctx, tx, gateway, n)
}

// take records a notice and lets it act. The row is the lock: of two with the same event id the second waits for the
// first and then finds it.
func (s *Service) take(ctx context.Context, tx *pg.Tx, gateway string, n Notice) error {
	fresh, err := insertWebhook(ctx, tx, gateway, n)
	if err != nil {
		return err
	}
	if !fresh {
		return ErrReplayed
	}
	c, found, err := findCharge(ctx, tx, gateway, n)
	if err != nil {
		return err
	}
	if !found {
		return closeWebhook(ctx, tx, gateway, n.EventID, uuid.Nil, didUnknown)
	}
	// Always the demand first, then its charge: everybody locks in this order.
	d, err := lockDemand(ctx, tx, c.Demand)
	if err != nil {
		return err
	}
	if c, err = lockCharge(ctx, tx, c.ID); err != nil {
		return err
	}
	did, err := s.settle(ctx, tx, d, c, n)
	if err != nil {
		return err
	}
	return closeWebhook(ctx, tx, gateway, n.EventID, c.ID, did)
}

// settle brings the charge to where the gateway says it is. Demand and charge are locked.
func (s *Service) settle(ctx context.Context, tx *pg.Tx, d Demand, c Charge, n Notice) (string, error) {
	switch n.Status {
	case Succeeded:
		return s.succeed(ctx, tx, d, c, n)
	case FailedPay:
		if !c.Status.May(FailedPay) {
			return didNothing, nil
		}
		return didFail, s.fail(ctx, tx, d, c, n)
	case Disputed:
		// Notices may overtake each other: who disputes has paid.
		if c.Status.May(Succeeded) {
			if _, err := s.succeed(ctx, tx, d, c, n); err != nil {
				return "", err
			}
			c.Status = Succeeded
		}
		if !c.Status.May(Disputed) {
			return didNothing, nil
		}
		return didDispute, s.dispute(ctx, tx, d, c, n)
	}
	return didNothing, nil
}

// succeed books money that came in, once a charge.
func (s *Service) succeed(ctx context.Context, tx *pg.Tx, d Demand, c Charge, n Notice) (string, error) {
	if !c.Status.May(Succeeded) {
		return didNothing, nil
	}
	status, reason := judge(d, c, n.Amount)
	p := Payment{ID: id.New(), Demand: d.ID, Charge: c.ID, Status: status, Reason: reason, Amount: n.Amount, PaidAt: tx.Now}
	if err := insertPayment(ctx, tx, p); err != nil {
		return "", err
	}
	if err := settleCharge(ctx, tx, c.ID, Succeeded, "", n.Ref); err != nil {
		return "", err
	}
	if err := tx.CancelTimer(ctx, expiryKey(c.ID)); err != nil {
		return "", err
	}
	did := didSurplus
	if status == Applied {
		did = didPay
		if err := s.pay(ctx, tx, d, p); err != nil {
			return "", err
		}
	}
	return did, audit.Record(ctx, tx, audit.Entry{
		Action: "payment.payment." + string(status), Object: "payment.payment", ObjectID: p.ID,
		Person: d.Payer, Reason: reason, Detail: map[string]any{"demand": d.Number, "charge": c.ID.String(), "amount": p.Amount.Minor, "currency": p.Amount.Currency},
	})
}

// pay closes the demand and writes its receipt, whose number is taken as late as possible: those who number wait.
func (s *Service) pay(ctx context.Context, tx *pg.Tx, d Demand, p Payment) error {
	if err := payDemand(ctx, tx, d.ID); err != nil {
		return err
	}
	if err := s.closeOpen(ctx, tx, d.ID, p.Charge); err != nil {
		return err
	}
	number, err := s.deps.Numbers.NextNumber(ctx, tx, receiptFormat)
	if err != nil {
		return err
	}
	r := Receipt{ID: id.New(), Demand: d.ID, Number: number, Amount: p.Amount, PaidAt: p.PaidAt}
	if err := insertReceipt(ctx, tx, r, p.ID); err != nil {
		return err
	}
	if err := tx.Enqueue(ctx, &ReceiptArgs{Receipt: r.ID}); err != nil {
		return err
	}
	return tx.Publish(ctx, DemandPaid{
		Demand: d.ID, Subject: d.Subject, SubjectID: d.SubjectID, Service: d.Service, Agency: d.Agency,
		Amount: p.Amount, Receipt: number, PaidAt: p.PaidAt,
	})
}

func (s *Service) fail(ctx context.Context, tx *pg.Tx, d Demand, c Charge, n Notice) error {
	if err := settleCharge(ctx, tx, c.ID, FailedPay, n.Failure, n.Ref); err != nil {
		return err
	}
	if err := tx.CancelTimer(ctx, expiryKey(c.ID)); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, audit.Entry{
		Action: "payment.charge.fail", Object: "payment.charge", ObjectID: c.ID, Person: d.Payer,
		Detail: map[string]any{"demand": d.Number, "failure": n.Failure},
	}); err != nil {
		return err
	}
	return tx.Publish(ctx, ChargeFailed{Charge: c.ID, Demand: d.ID, Subject: d.Subject, SubjectID: d.SubjectID, Failure: n.Failure})
}

func (s *Service) dispute(ctx context.Context, tx *pg.Tx, d Demand, c Charge, n Notice) error {
	if err := settleCharge(ctx, tx, c.ID, Disputed, n.Failure, n.Ref); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, audit.Entry{
		Action: "payment.charge.dispute", Object: "payment.charge", ObjectID: c.ID, Person: d.Payer,
		Detail: map[string]any{"demand": d.Number},
	}); err != nil {
		return err
	}
	return tx.Publish(ctx, ChargeDisputed{Charge: c.ID, Demand: d.ID, Subject: d.Subject, SubjectID: d.SubjectID, Amount: c.Amount})
}
