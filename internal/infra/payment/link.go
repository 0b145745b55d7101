package payment

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/payment/internal/paymentdb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// ErrLink says that a link to pay by is none, was taken back, or that what it was for is wanted no more.
var ErrLink = fault.NotFound("payment.link")

// linkBytes is how long the secret of a link is.
const linkBytes = 24

// Linked is what whoever has a link sees of a demand: nothing about the person who has to pay it.
type Linked struct {
	Demand  Demand // without Payer
	Receipt string // its number, where it was paid by this link
}

// MakeLink returns the secret of a link by which somebody else can pay a demand, without an account and without seeing who it is for.
// The secret is kept nowhere; a link made before ends. Permission: who has to pay the demand, and who acts for them.
// Errors: ErrUnknown, ErrAlreadyPaid, ErrCancelled.
func (s *Service) MakeLink(ctx context.Context, tx *pg.Tx, demand uuid.UUID) (token string, err error) {
	defer fault.Wrap(&err, "payment.MakeLink(%s)", demand)
	d, err := lockDemand(ctx, tx, demand)
	if err != nil {
		return "", err
	}
	if err := maySee(tx, d.Payer); err != nil {
		return "", err
	}
	if err := d.payable(); err != nil {
		return "", err
	}
	if err := s.endLink(ctx, tx, d); err != nil {
		return "", err
	}
	token = id.Token(linkBytes)
	link := paymentdb.InsertLinkParams{ID: id.New(), DemandID: d.ID, TokenHash: id.Digest(token), MadeAt: tx.Now}
	if err := db.InsertLink(ctx, tx, link); err != nil {
		return "", err
	}
	return token, audit.Record(ctx, tx, audit.Entry{
		Action: "payment.link.make", Object: "payment.link", ObjectID: link.ID, Person: d.Payer, Detail: map[string]any{"demand": d.Number},
	})
}

// EndLink takes the link of a demand back; where there is none, nothing happens. Permission: as for MakeLink. Errors: ErrUnknown.
func (s *Service) EndLink(ctx context.Context, tx *pg.Tx, demand uuid.UUID) (err error) {
	defer fault.Wrap(&err, "payment.EndLink(%s)", demand)
	d, err := lockDemand(ctx, tx, demand)
	if err != nil {
		return err
	}
	if err := maySee(tx, d.Payer); err != nil {
		return err
	}
	return s.endLink(ctx, tx, d)
}

// endLink ends the link of a locked demand.
func (s *Service) endLink(ctx context.Context, tx *pg.Tx, d Demand) error {
	link, err := db.EndLink(ctx, tx, paymentdb.EndLinkParams{DemandID: d.ID, Now: tx.Now})
	if pg.NotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "payment.link.end", Object: "payment.link", ObjectID: link, Person: d.Payer, Detail: map[string]any{"demand": d.Number},
	})
}

// LinkMade returns when the link of a demand was made that is in force; nil where there is none. Permission: as for MakeLink.
// Errors: ErrUnknown.
func (s *Service) LinkMade(ctx context.Context, tx *pg.Tx, demand uuid.UUID) (_ *time.Time, err error) {
	defer fault.Wrap(&err, "payment.LinkMade(%s)", demand)
	if _, err := visible(ctx, tx, demand); err != nil {
		return nil, err
	}
	made, err := db.OpenLink(ctx, tx, demand)
	if pg.NotFound(err) {
		return nil, nil
	}
	return &made, err
}

// Linked returns what a link is for. The secret is the authority. Errors: ErrLink.
func (s *Service) Linked(ctx context.Context, tx *pg.Tx, token string) (l Linked, err error) {
	defer fault.Wrap(&err, "payment.Linked")
	link, d, err := linked(ctx, tx, token)
	if err != nil {
		return l, err
	}
	l.Demand = d
	l.Demand.Payer = uuid.Nil
	if d.Status != DemandPaidUp || link.ChargeID == nil {
		return l, nil
	}
	c, err := getCharge(ctx, tx, *link.ChargeID)
	if err != nil || c.Status != Succeeded {
		return l, err
	}
	r, err := getReceipt(ctx, tx, d.ID)
	l.Receipt = r.Number
	return l, err
}

// LinkedCharge returns the last attempt to pay that began by a link; none where nobody has tried. The secret is the authority.
// Errors: ErrLink.
func (s *Service) LinkedCharge(ctx context.Context, tx *pg.Tx, token string) (c Charge, found bool, err error) {
	defer fault.Wrap(&err, "payment.LinkedCharge")
	link, _, err := linked(ctx, tx, token)
	if err != nil || link.ChargeID == nil {
		return c, false, err
	}
	c, err = getCharge(ctx, tx, *link.ChargeID)
	return c, true, err
}

func linked(ctx context.Context, tx *pg.Tx, token string) (link paymentdb.GetLinkRow, d Demand, err error) {
	if link, err = db.GetLink(ctx, tx, id.Digest(token)); pg.NotFound(err) {
		return link, d, ErrLink
	}
	if err != nil {
		return link, d, err
	}
	if d, err = getDemand(ctx, tx, link.DemandID); err == nil && d.Status == DemandCancelled {
		err = ErrLink
	}
	return link, d, err
}

// StartLinked is StartCharge for whoever has the link of a demand: it opens an attempt to pay, or returns the one that is open, whoever
// began it. The secret is the authority. Errors: ErrLink, ErrAlreadyPaid, ErrNoGateway.
func (s *Service) StartLinked(ctx context.Context, tx *pg.Tx, token, returnURL string) (c Charge, err error) {
	defer fault.Wrap(&err, "payment.StartLinked")
	link, d, err := linked(ctx, tx, token)
	if err != nil {
		return c, err
	}
	if d, err = lockDemand(ctx, tx, d.ID); err != nil {
		return c, err
	}
	if c, err = s.startCharge(ctx, tx, d, returnURL); err != nil {
		return c, err
	}
	return c, db.SetLinkCharge(ctx, tx, paymentdb.SetLinkChargeParams{ID: link.ID, ChargeID: c.ID})
}

// BeginLinked is Begin for an attempt that StartLinked gave to whoever has the link. Errors: ErrLink, ErrOver, ErrNoGateway, ErrGateway.
func (s *Service) BeginLinked(ctx context.Context, db *pg.DB, scope pg.Scope, token string) (redirectURL string, err error) {
	defer fault.Wrap(&err, "payment.BeginLinked")
	return s.begin(ctx, db, scope, func(ctx context.Context, tx *pg.Tx) (Charge, error) {
		c, found, err := s.LinkedCharge(ctx, tx, token)
		if err == nil && !found {
			err = ErrLink
		}
		return c, err
	})
}
