package simulator

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// How long, in real time, the slow things of the simulated world take.
const (
	lateAfter    = 20 * time.Second
	disputeAfter = 30 * time.Second
)

// Merchant is how a tenant reaches the simulated card provider: what a real one would show on its dashboard.
type Merchant struct {
	BaseURL       string // the API is at {BaseURL}/sim/cards
	Key           string // bearer key of the API
	WebhookSecret string // whsec_…, by Standard Webhooks
}

// Merchant returns the tenant's account at the card provider, for payment.PutGateway. Errors: ErrProduction.
func (s *Service) Merchant(ctx context.Context, tx *pg.Tx) (m Merchant, err error) {
	defer fault.Wrap(&err, "simulator.Merchant")
	if err := allowed(ctx, tx); err != nil {
		return m, err
	}
	if m.BaseURL, err = s.baseURL(ctx, tx); err != nil {
		return m, err
	}
	if m.Key, err = s.secret(ctx, tx, "cards.key"); err != nil {
		return m, err
	}
	key, err := s.key(ctx, tx, "cards.webhook")
	m.WebhookSecret = "whsec_" + base64.StdEncoding.EncodeToString(key)
	return m, err
}

// CheckKey refuses a caller of the card API without the tenant's key. Errors: ErrProduction, ErrKey.
func (s *Service) CheckKey(ctx context.Context, tx *pg.Tx, key string) error {
	m, err := s.Merchant(ctx, tx)
	if err == nil && subtle.ConstantTimeCompare([]byte(key), []byte(m.Key)) != 1 {
		err = ErrKey
	}
	return err
}

// CreateCharge takes an order to pay; the same reference again gives the same charge. Errors: ErrProduction, ErrOrder.
func (s *Service) CreateCharge(ctx context.Context, tx *pg.Tx, o ChargeOrder) (c CardCharge, err error) {
	defer fault.Wrap(&err, "simulator.CreateCharge(%s)", o.Reference)
	if err := allowed(ctx, tx); err != nil {
		return c, err
	}
	if err := o.check(); err != nil {
		return c, err
	}
	return s.insertCharge(ctx, tx, o)
}

// Charge returns a card payment. Errors: ErrProduction, ErrUnknown.
func (s *Service) Charge(ctx context.Context, tx *pg.Tx, ref uuid.UUID) (c CardCharge, err error) {
	defer fault.Wrap(&err, "simulator.Charge(%s)", ref)
	if err := allowed(ctx, tx); err != nil {
		return c, err
	}
	return s.getCharge(ctx, tx, ref)
}

// Charges lists card payments, the newest first. Errors: ErrProduction, page.ErrCursor.
func (s *Service) Charges(ctx context.Context, tx *pg.Tx, r page.Request) (p page.Page[CardCharge], err error) {
	defer fault.Wrap(&err, "simulator.Charges")
	if err := allowed(ctx, tx); err != nil {
		return p, err
	}
	before, err := r.AfterID()
	if err != nil {
		return p, err
	}
	rows, err := s.listCharges(ctx, tx, before, r.Limit()+1)
	if err != nil {
		return p, err
	}
	return page.Of(r, rows, func(c CardCharge) []string { return []string{c.Ref.String()} }), nil
}

// Outcome is what the payer sees after paying: paid, failed, or processing where no answer comes. The payer then
// goes back to ReturnURL.
type Outcome struct {
	Status    ChargeStatus
	Failure   string
	ReturnURL string
}

// Pay pays with a card; which card does what stands in the package comment. Errors: ErrProduction, ErrUnknown,
// ErrOver, ErrCard with the fields at fault.
func (s *Service) Pay(ctx context.Context, tx *pg.Tx, ref uuid.UUID, card Card) (out Outcome, err error) {
	defer fault.Wrap(&err, "simulator.Pay(%s)", ref)
	if err := allowed(ctx, tx); err != nil {
		return out, err
	}
	number, err := card.check(tx.Now)
	if err != nil {
		return out, err
	}
	c, err := s.lockCharge(ctx, tx, ref)
	if err != nil {
		return out, err
	}
	if c.Status != ChargeOpen {
		return out, ErrOver
	}
	does, known := cards[number]
	if !known {
		does.failure = "declined"
	}
	last4 := number[len(number)-4:]
	switch {
	case does.late:
		out.Status = ChargeProcessing
		err = settle(ctx, tx, ref, ChargeProcessing, "", last4)
		if err == nil {
			err = tx.Enqueue(ctx, &SettleArgs{Ref: ref, To: ChargePaid}, after(tx, lateAfter))
		}
	case does.failure != "":
		out.Status, out.Failure = ChargeFailed, does.failure
		err = s.settleAndTell(ctx, tx, ref, ChargeFailed, does.failure, last4)
	case does.lost:
		out.Status = ChargePaid
		err = settle(ctx, tx, ref, ChargePaid, "", last4)
	default:
		out.Status = ChargePaid
		err = s.settleAndTell(ctx, tx, ref, ChargePaid, "", last4)
		if err == nil && does.dispute {
			err = tx.Enqueue(ctx, &SettleArgs{Ref: ref, To: ChargeDisputed}, after(tx, disputeAfter))
		}
	}
	out.ReturnURL = c.ReturnURL
	return out, err
}

func after(tx *pg.Tx, d time.Duration) *river.InsertOpts {
	return &river.InsertOpts{ScheduledAt: tx.Wall.Add(d)}
}

func (s *Service) settleAndTell(ctx context.Context, tx *pg.Tx, ref uuid.UUID, to ChargeStatus, failure, last4 string) error {
	if err := settle(ctx, tx, ref, to, failure, last4); err != nil {
		return err
	}
	return tx.Enqueue(ctx, &WebhookArgs{Ref: ref, Type: "charge." + string(to)})
}
