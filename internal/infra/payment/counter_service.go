package payment

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// What a posting is of.
const (
	postOpen   = "open"
	postTake   = "take"
	postClose  = "close"
	postClear  = "clear"
	postReturn = "return"
)

// Collect takes money for a demand at a counter and writes the receipt. The same id again returns what was taken. Whether the
// till is open and the operator's the counter asks. Errors: ErrForbidden, ErrUnknown, ErrAlreadyPaid, ErrCancelled, ErrCounter with
// its fields, ErrCollected.
func (s *Service) Collect(ctx context.Context, tx *pg.Tx, in Collect) (_ Collection, err error) {
	defer fault.Wrap(&err, "payment.Collect(%s)", in.ID)
	if err := mayManage(tx); err != nil {
		return Collection{}, err
	}
	d, err := lockDemand(ctx, tx, in.Demand)
	if err != nil {
		return Collection{}, err
	}
	have, err := s.collection(ctx, tx, in.ID)
	if err == nil {
		if have.Demand != in.Demand || have.Till != in.Till || have.Means != in.Means {
			return Collection{}, ErrCollected
		}
		return have, nil
	}
	if f := fault.Of(err); f.Code != ErrUnknown.Code {
		return Collection{}, err
	}
	if err := d.payable(); err != nil {
		return Collection{}, err
	}
	tendered, detail, wrong := in.check(d.Amount)
	if wrong != nil {
		return Collection{}, ErrCounter.WithFields(wrong...)
	}
	c := Collection{
		ID: in.ID, Demand: d.ID, Payer: d.Payer, Till: in.Till, Place: in.Place, Means: in.Means, Status: Taken, Amount: d.Amount, Tendered: tendered,
		Detail: detail, By: tx.Actor.ID, TakenAt: tx.Now,
	}
	if err := s.insertCollection(ctx, tx, c); err != nil {
		return Collection{}, err
	}
	p := Payment{ID: id.New(), Demand: d.ID, Status: Applied, Amount: d.Amount, PaidAt: tx.Now}
	if err := insertCollected(ctx, tx, p, c.ID); err != nil {
		return Collection{}, err
	}
	if err := s.pay(ctx, tx, d, p); err != nil {
		return Collection{}, err
	}
	if err := s.post(ctx, tx, postTake, c.Till, c.ID, d.Amount.Currency, Entries{c.Means: d.Amount.Minor, AccountRevenue: -d.Amount.Minor}); err != nil {
		return Collection{}, err
	}
	err = audit.Record(ctx, tx, audit.Entry{
		Action: "payment.collection.take", Object: "payment.collection", ObjectID: c.ID, Person: d.Payer,
		Detail: map[string]any{"demand": d.Number, "means": c.Means, "amount": d.Amount.Minor, "currency": d.Amount.Currency, "till": c.Till.String()},
	})
	if err != nil {
		return Collection{}, err
	}
	return s.collection(ctx, tx, c.ID)
}

// post books what happened, once: a second posting of the same kind about the same thing is none.
func (s *Service) post(ctx context.Context, tx *pg.Tx, kind string, till, subject uuid.UUID, currency string, e Entries) error {
	if e.Sum() != 0 {
		return ErrUnbalanced
	}
	return insertPosting(ctx, tx, kind, till, subject, currency, e)
}

// OpenTill books the float that is put into a drawer. Opening twice is opening once. Errors: ErrForbidden, ErrAmount.
func (s *Service) OpenTill(ctx context.Context, tx *pg.Tx, till uuid.UUID, float money.Amount) (err error) {
	defer fault.Wrap(&err, "payment.OpenTill(%s)", till)
	if err := mayManage(tx); err != nil {
		return err
	}
	if float.Minor < 0 || float.Minor > lineLimit {
		return ErrAmount
	}
	return s.post(ctx, tx, postOpen, till, till, float.Currency, Entries{AccountCash: float.Minor, AccountSafe: -float.Minor})
}

// TillBalance returns what the accounts of a till hold, in minor units. Errors: ErrForbidden.
func (s *Service) TillBalance(ctx context.Context, tx *pg.Tx, till uuid.UUID) (e Entries, err error) {
	defer fault.Wrap(&err, "payment.TillBalance(%s)", till)
	if err := mayManage(tx); err != nil {
		return nil, err
	}
	return balances(ctx, tx, till)
}

// CloseTill empties a drawer into the books by what was counted in it; float goes back to the safe. It returns what goes to the bank.
// Closing twice is closing once. Errors: ErrForbidden, ErrAmount.
func (s *Service) CloseTill(ctx context.Context, tx *pg.Tx, till uuid.UUID, counted, float money.Amount) (deposit Entries, err error) {
	defer fault.Wrap(&err, "payment.CloseTill(%s)", till)
	if err := mayManage(tx); err != nil {
		return nil, err
	}
	if counted.Minor < 0 || counted.Minor > lineLimit || counted.Currency != float.Currency {
		return nil, ErrAmount
	}
	balance, err := balances(ctx, tx, till)
	if err != nil {
		return nil, err
	}
	e := closing(balance, counted.Minor, float.Minor)
	if err := s.post(ctx, tx, postClose, till, till, counted.Currency, e); err != nil {
		return nil, err
	}
	return e, audit.Record(ctx, tx, audit.Entry{
		Action: "payment.till.close", Object: "payment.till", ObjectID: till,
		Detail: map[string]any{"deposit": e[AccountTransit], "difference": e[AccountDifference], "currency": counted.Currency},
	})
}

// Clear notes that the bank has honoured a cheque. Clearing twice is clearing once. Errors: ErrForbidden, ErrUnknown, ErrNotCheque,
// ErrNotBanked.
func (s *Service) Clear(ctx context.Context, tx *pg.Tx, collection uuid.UUID) (err error) {
	defer fault.Wrap(&err, "payment.Clear(%s)", collection)
	if err := mayManage(tx); err != nil {
		return err
	}
	c, err := lockCollection(ctx, tx, collection)
	if err != nil {
		return err
	}
	switch {
	case c.Means != Cheque || c.Status == Bounced || c.Status == Reversed:
		return ErrNotCheque
	case c.Status == Cleared:
		return nil
	}
	banked, err := hasPosting(ctx, tx, postClose, c.Till)
	if err != nil {
		return err
	}
	if !banked {
		return ErrNotBanked
	}
	if err := settleCollection(ctx, tx, c.ID, Cleared, ""); err != nil {
		return err
	}
	if err := s.post(ctx, tx, postClear, c.Till, c.ID, c.Amount.Currency, Entries{AccountBank: c.Amount.Minor, AccountTransit: -c.Amount.Minor}); err != nil {
		return err
	}
	return s.recordCollection(ctx, tx, "payment.collection.clear", c, "")
}

// Return takes a collection back: a cheque that bounced, or one that was taken by mistake and is given back while its till is open.
// The demand is open again, the receipt is cancelled, and whom it concerns hears of it. Returning twice is returning once.
// Errors: ErrForbidden, ErrUnknown, ErrReason, ErrNotCheque, ErrTillClosed.
func (s *Service) Return(ctx context.Context, tx *pg.Tx, collection uuid.UUID, as CollectionStatus, reason string) (_ Collection, err error) {
	defer fault.Wrap(&err, "payment.Return(%s)", collection)
	if err := mayManage(tx); err != nil {
		return Collection{}, err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return Collection{}, ErrReason
	}
	c, err := s.collection(ctx, tx, collection)
	if err != nil {
		return c, err
	}
	d, err := lockDemand(ctx, tx, c.Demand) // the demand first: everybody locks in this order
	if err != nil {
		return c, err
	}
	locked, err := lockCollection(ctx, tx, collection)
	if err != nil {
		return c, err
	}
	c.Status = locked.Status
	from, err := s.returnable(ctx, tx, c, as)
	if err != nil || from == "" {
		return c, err
	}
	if err := settleCollection(ctx, tx, c.ID, as, reason); err != nil {
		return c, err
	}
	if err := reopen(ctx, tx, c, reason); err != nil {
		return c, err
	}
	if err := s.post(ctx, tx, postReturn, c.Till, c.ID, c.Amount.Currency, Entries{from: -c.Amount.Minor, AccountRevenue: c.Amount.Minor}); err != nil {
		return c, err
	}
	if err := s.recordCollection(ctx, tx, "payment.collection."+string(as), c, ""); err != nil {
		return c, err
	}
	c.Status, c.Reason = as, reason
	return c, tx.Publish(ctx, DemandReopened{
		Demand: d.ID, Subject: d.Subject, SubjectID: d.SubjectID, Service: d.Service, Agency: d.Agency, Amount: d.Amount, Receipt: c.Receipt,
	})
}

// returnable says from which account a collection is taken back; "" where it was before.
func (s *Service) returnable(ctx context.Context, tx *pg.Tx, c Collection, as CollectionStatus) (string, error) {
	if c.Status == as {
		return "", nil
	}
	banked, err := hasPosting(ctx, tx, postClose, c.Till)
	switch {
	case err != nil:
		return "", err
	case as == Bounced && (c.Means != Cheque || c.Status == Reversed), as == Reversed && c.Status != Taken, as != Bounced && as != Reversed:
		return "", ErrNotCheque
	case as == Reversed && banked:
		return "", ErrTillClosed
	case c.Status == Cleared:
		return AccountBank, nil
	case banked:
		return AccountTransit, nil
	}
	return c.Means, nil
}

func (s *Service) recordCollection(ctx context.Context, tx *pg.Tx, action string, c Collection, reason string) error {
	return audit.Record(ctx, tx, audit.Entry{
		Action: action, Object: "payment.collection", ObjectID: c.ID, Person: c.Payer, Reason: reason,
		Detail: map[string]any{"means": c.Means, "amount": c.Amount.Minor, "currency": c.Amount.Currency},
	})
}

// Collection returns money that was taken at a counter. Whether the caller may see it the counter asks. Errors: ErrForbidden, ErrUnknown.
func (s *Service) Collection(ctx context.Context, tx *pg.Tx, collection uuid.UUID) (c Collection, err error) {
	defer fault.Wrap(&err, "payment.Collection(%s)", collection)
	if err := mayManage(tx); err != nil {
		return c, err
	}
	if c, err = s.collection(ctx, tx, collection); err != nil {
		return c, err
	}
	return c, audit.Read(ctx, tx, audit.Entry{Action: "payment.collection.read", Object: "payment.collection", ObjectID: c.ID, Person: c.Payer})
}

// CollectionFilter chooses collections of a place; zero fields choose all.
type CollectionFilter struct {
	Place  string
	Till   uuid.UUID
	Means  string
	Status CollectionStatus
}

// Collections lists money that was taken at the counters of a place, the newest first. Who looks is on record, which needs a
// transaction that writes. Whether the caller may see it the counter asks. Errors: ErrForbidden, page.ErrCursor.
func (s *Service) Collections(ctx context.Context, tx *pg.Tx, f CollectionFilter, r page.Request) (p page.Page[Collection], err error) {
	defer fault.Wrap(&err, "payment.Collections")
	if err := mayManage(tx); err != nil {
		return p, err
	}
	before, err := r.AfterID()
	if err != nil {
		return p, err
	}
	rows, err := s.listCollections(ctx, tx, f, before, r.Limit()+1)
	if err != nil {
		return p, err
	}
	p = page.Of(r, rows, func(c Collection) []string { return []string{c.ID.String()} })
	ids := make([]uuid.UUID, 0, len(p.Rows))
	for _, c := range p.Rows {
		ids = append(ids, c.ID)
	}
	audit.ReadList(ctx, tx, audit.Entry{Action: "payment.collection.list", Object: "payment.collection"}, ids...)
	return p, nil
}
