package payment

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// reconcileAfter is how long, in real time, a gateway has to send its notice before we ask.
const reconcileAfter = 2 * time.Minute

// StartCharge opens an attempt to pay, or returns the one that is open: pressing twice charges once.
// Errors: ErrUnknown, ErrAlreadyPaid, ErrCancelled, ErrNoGateway.
func (s *Service) StartCharge(ctx context.Context, tx *pg.Tx, demand uuid.UUID, returnURL string) (c Charge, err error) {
	defer fault.Wrap(&err, "payment.StartCharge(%s)", demand)
	d, err := lockDemand(ctx, tx, demand)
	if err != nil {
		return c, err
	}
	if err := maySee(tx, d.Payer); err != nil {
		return c, err
	}
	return s.startCharge(ctx, tx, d, returnURL)
}

// startCharge is StartCharge for a locked demand, whoever pays it.
func (s *Service) startCharge(ctx context.Context, tx *pg.Tx, d Demand, returnURL string) (c Charge, err error) {
	if err := d.payable(); err != nil {
		return c, err
	}
	c, open, err := openCharge(ctx, tx, d.ID)
	if err != nil {
		return c, err
	}
	if open && tx.Now.Before(c.ExpiresAt) {
		return c, nil
	}
	if open {
		if err := s.closeOpen(ctx, tx, d.ID, uuid.Nil); err != nil {
			return c, err
		}
	}
	gateway, err := s.activeGateway(ctx, tx)
	if err != nil {
		return c, err
	}
	c = Charge{
		ID: id.New(), Demand: d.ID, Gateway: gateway, Status: Created, Amount: d.Amount, ReturnURL: returnURL,
		CreatedAt: tx.Now, ExpiresAt: tx.Now.Add(payWithin),
	}
	if err := insertCharge(ctx, tx, c); err != nil {
		return c, err
	}
	if err := tx.At(ctx, c.ExpiresAt, expiryKey(c.ID), &ExpireArgs{Charge: c.ID}); err != nil {
		return c, err
	}
	return c, audit.Record(ctx, tx, audit.Entry{
		Action: "payment.charge.start", Object: "payment.charge", ObjectID: c.ID, Person: d.Payer,
		Detail: map[string]any{"demand": d.Number, "gateway": gateway},
	})
}

func expiryKey(charge uuid.UUID) string { return "payment.expire:" + charge.String() }

// Charge returns an attempt to pay; people see those for their own demands. Errors: ErrUnknown.
func (s *Service) Charge(ctx context.Context, tx *pg.Tx, charge uuid.UUID) (c Charge, err error) {
	defer fault.Wrap(&err, "payment.Charge(%s)", charge)
	if c, err = getCharge(ctx, tx, charge); err != nil {
		return c, err
	}
	_, err = visible(ctx, tx, c.Demand)
	return c, err
}

// Charges lists the attempts to pay a demand, the newest first. Errors: ErrUnknown.
func (s *Service) Charges(ctx context.Context, tx *pg.Tx, demand uuid.UUID) (list []Charge, err error) {
	defer fault.Wrap(&err, "payment.Charges(%s)", demand)
	if _, err := visible(ctx, tx, demand); err != nil {
		return nil, err
	}
	return listCharges(ctx, tx, demand)
}

// Begin takes the charge to its gateway and returns the page to which the payer goes. It may be called again: the
// same charge has the same page. Errors: ErrUnknown, ErrOver, ErrNoGateway, ErrGateway.
func (s *Service) Begin(ctx context.Context, db *pg.DB, scope pg.Scope, charge uuid.UUID) (redirectURL string, err error) {
	defer fault.Wrap(&err, "payment.Begin(%s)", charge)
	return s.begin(ctx, db, scope, func(ctx context.Context, tx *pg.Tx) (Charge, error) { return s.Charge(ctx, tx, charge) })
}

// begin is Begin for the charge that find returns to who may have it.
func (s *Service) begin(ctx context.Context, db *pg.DB, scope pg.Scope, find func(ctx context.Context, tx *pg.Tx) (Charge, error)) (redirectURL string, err error) {
	var c Charge
	var gateway Gateway
	var config GatewayConfig
	var request ChargeRequest
	err = db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) (err error) {
		if c, err = find(ctx, tx); err != nil {
			return err
		}
		if !c.Status.Open() || !tx.Now.Before(c.ExpiresAt) {
			return ErrOver
		}
		if gateway, config, err = s.gateway(ctx, tx, c.Gateway); err != nil {
			return err
		}
		request, err = s.request(ctx, tx, c)
		return err
	})
	if err != nil || c.RedirectURL != "" {
		return c.RedirectURL, err
	}
	begun, err := gateway.Begin(ctx, config, request)
	if err != nil {
		return "", err
	}
	err = db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error {
		first, err := beginCharge(ctx, tx, c.ID, begun)
		if err != nil || !first {
			return err
		}
		return tx.Enqueue(ctx, &ReconcileArgs{Charge: c.ID}, &river.InsertOpts{ScheduledAt: tx.Wall.Add(reconcileAfter)})
	})
	return begun.URL, err
}

func (s *Service) request(ctx context.Context, tx *pg.Tx, c Charge) (ChargeRequest, error) {
	d, err := getDemand(ctx, tx, c.Demand)
	if err != nil {
		return ChargeRequest{}, err
	}
	base, err := s.deps.PublicURL(ctx, tx)
	if err != nil {
		return ChargeRequest{}, err
	}
	description := d.Number
	if d.Reference != "" {
		description += " · " + d.Reference
	}
	// The gateway's clock is the real one, so what is left of the time is what it is told.
	return ChargeRequest{
		Charge: c.ID, Amount: c.Amount, Description: description, Lang: d.Lang, ReturnURL: c.ReturnURL,
		WebhookURL: base + "/hooks/payment/" + c.Gateway, ExpiresAt: tx.Wall.Add(c.ExpiresAt.Sub(tx.Now)),
	}, nil
}

// closeOpen ends the open charge of a demand, if there is one other than keep. Its demand must be locked. Whoever
// pays with it all the same has a surplus, or pays the demand if nobody else did.
func (s *Service) closeOpen(ctx context.Context, tx *pg.Tx, demand, keep uuid.UUID) error {
	c, open, err := openCharge(ctx, tx, demand)
	if err != nil || !open || c.ID == keep {
		return err
	}
	if err := settleCharge(ctx, tx, c.ID, Expired, "", ""); err != nil {
		return err
	}
	return tx.CancelTimer(ctx, expiryKey(c.ID))
}
