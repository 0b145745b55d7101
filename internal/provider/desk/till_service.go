package desk

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// slipFormat is the format of the numbers of deposit slips; refdata counts them.
const slipFormat = "DEP-{yyyy}-{seq:6}"

// The bounds of words.
const (
	counterMax = 40
	reasonMax  = 400
)

// label is what payment calls the office.
func (p Place) label() string { return p.Agency + "/" + p.Office }

// OpenTill begins a till session with the float that lies in the drawer. One operator has one till, and one counter has one
// operator. Permission: desk:use at the office. Errors: ErrForbidden, ErrTillFields, ErrTillOpen, ErrCounterTaken.
func (s *Service) OpenTill(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place, counter string, float money.Amount) (t Till, err error) {
	defer fault.Wrap(&err, "desk.OpenTill(%s)", at.label())
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return t, err
	}
	set, err := s.deps.Settings.Settings(ctx, tx)
	if err != nil {
		return t, err
	}
	var wrong []fault.Field
	counter = strings.Join(strings.Fields(counter), " ")
	if n := utf8.RuneCountInString(counter); n == 0 || n > counterMax {
		wrong = append(wrong, fault.Field{Path: "counter", Code: "desk.counter_name"})
	}
	if float.Minor < 0 || float.Currency != set.Currency {
		wrong = append(wrong, fault.Field{Path: "float", Code: "desk.float"})
	}
	if wrong != nil {
		return t, ErrTillFields.WithFields(wrong...)
	}
	t = Till{ID: id.New(), Place: at, Counter: counter, Operator: by.Account, Status: TillOpen, Float: float, OpenedAt: tx.Now}
	if err := insertTill(ctx, tx, t); err != nil {
		return t, err
	}
	if err := s.deps.Payments.OpenTill(ctx, tx, t.ID, float); err != nil {
		return t, err
	}
	return t, audit.Record(ctx, tx, audit.Entry{
		Action: "desk.till.open", Object: "desk.till", ObjectID: t.ID,
		Detail: map[string]any{"agency": at.Agency, "office": at.Office, "float": float.Minor, "currency": float.Currency},
	})
}

// MyTill returns the till that the operator has open or counted, at whichever office. Permission: desk:use at the office.
// Errors: ErrForbidden, ErrNoTill.
func (s *Service) MyTill(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place) (t Till, err error) {
	defer fault.Wrap(&err, "desk.MyTill(%s)", by.Account)
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return t, err
	}
	return openTill(ctx, tx, by.Account)
}

// Take takes money for a demand into the operator's drawer and returns what was taken. Permission: desk:use at the office, and a till
// open there. Errors: ErrForbidden, ErrNoTill, ErrTillCounted, and those of payment.Collect.
func (s *Service) Take(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place, in payment.Collect) (c payment.Collection, err error) {
	defer fault.Wrap(&err, "desk.Take(%s)", in.Demand)
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return c, err
	}
	t, err := openTill(ctx, tx, by.Account)
	if err != nil {
		return c, err
	}
	if t, err = lockTill(ctx, tx, t.ID); err != nil { // whoever counts it waits, or we do
		return c, err
	}
	switch {
	case t.Place != at:
		return c, ErrNoTill
	case t.Status != TillOpen:
		return c, ErrTillCounted
	}
	in.Till, in.Place = t.ID, at.label()
	return s.deps.Payments.Collect(ctx, tx, in)
}

// Expected returns what the ledger says a till holds, by account, in minor units. Permission: the operator's own till, or
// desk:supervise at the office. Errors: ErrForbidden, ErrNoTill.
func (s *Service) Expected(ctx context.Context, tx *pg.Tx, by identity.Principal, till uuid.UUID) (e payment.Entries, err error) {
	defer fault.Wrap(&err, "desk.Expected(%s)", till)
	if _, err := s.Till(ctx, tx, by, till); err != nil {
		return nil, err
	}
	return s.deps.Payments.TillBalance(ctx, tx, till)
}

// Count says what lies in the operator's drawer. Nothing more is taken from then on. A difference to the books needs a reason, which
// names nobody. Counting again replaces the count. Permission: the operator's own till. Errors: ErrForbidden, ErrNoTill, ErrTillClosed,
// ErrTillFields.
func (s *Service) Count(ctx context.Context, tx *pg.Tx, by identity.Principal, till uuid.UUID, counts Counts, reason string) (t Till, err error) {
	defer fault.Wrap(&err, "desk.Count(%s)", till)
	if t, err = lockTill(ctx, tx, till); err != nil {
		return t, err
	}
	if err := s.authorise(ctx, tx, by, Use, t.Place); err != nil {
		return t, err
	}
	switch {
	case t.Operator != by.Account:
		return t, ErrForbidden
	case t.Status == TillClosed:
		return t, ErrTillClosed
	}
	balance, err := s.deps.Payments.TillBalance(ctx, tx, till)
	if err != nil {
		return t, err
	}
	var wrong []fault.Field
	if !counts.check(t.Float.Currency) {
		wrong = append(wrong, fault.Field{Path: "counts", Code: "desk.counts"})
	}
	t.Counts, t.Counted.Minor, t.Expected.Minor, t.Reason = counts, counts.Sum(), balance[payment.AccountCash], strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(t.Reason); n > reasonMax || n == 0 && t.Counted != t.Expected {
		wrong = append(wrong, fault.Field{Path: "reason", Code: "desk.reason", Args: map[string]any{"max": reasonMax}})
	}
	if wrong != nil {
		return t, ErrTillFields.WithFields(wrong...)
	}
	if t.Counted == t.Expected {
		t.Reason = ""
	}
	t.Status, t.CountAt = TillCounted, &tx.Now
	if err := countTill(ctx, tx, t); err != nil {
		return t, err
	}
	return t, audit.Record(ctx, tx, audit.Entry{
		Action: "desk.till.count", Object: "desk.till", ObjectID: t.ID,
		Detail: map[string]any{"counted": t.Counted.Minor, "expected": t.Expected.Minor, "currency": t.Counted.Currency},
	})
}

// Approve closes a till that was counted, and numbers the deposit slip. Nobody approves their own. Permission: desk:supervise at the
// office. Errors: ErrForbidden, ErrNoTill, ErrOwnTill, ErrNotCounted.
func (s *Service) Approve(ctx context.Context, tx *pg.Tx, by identity.Principal, till uuid.UUID) (t Till, err error) {
	defer fault.Wrap(&err, "desk.Approve(%s)", till)
	if t, err = s.supervised(ctx, tx, by, till); err != nil || t.Status == TillClosed {
		return t, err
	}
	if t.Status != TillCounted {
		return t, ErrNotCounted
	}
	booked, err := s.deps.Payments.CloseTill(ctx, tx, till, t.Counted, t.Float)
	if err != nil {
		return t, err
	}
	if t.Slip, err = s.deps.Numbers.NextNumber(ctx, tx, slipFormat); err != nil {
		return t, err
	}
	t.Status, t.ClosedBy, t.ClosedAt, t.Deposit.Minor = TillClosed, by.Account, &tx.Now, booked[payment.AccountTransit]
	if err := closeTill(ctx, tx, t); err != nil {
		return t, err
	}
	return t, audit.Record(ctx, tx, audit.Entry{
		Action: "desk.till.approve", Object: "desk.till", ObjectID: t.ID,
		Detail: map[string]any{"slip": t.Slip, "deposit": t.Deposit.Minor, "difference": t.Difference().Minor, "currency": t.Float.Currency},
	})
}

// SendBack has a till counted anew. Permission: desk:supervise at the office. Errors: ErrForbidden, ErrNoTill, ErrOwnTill, ErrNotCounted.
func (s *Service) SendBack(ctx context.Context, tx *pg.Tx, by identity.Principal, till uuid.UUID) (err error) {
	defer fault.Wrap(&err, "desk.SendBack(%s)", till)
	t, err := s.supervised(ctx, tx, by, till)
	if err != nil {
		return err
	}
	if t.Status != TillCounted {
		return ErrNotCounted
	}
	if err := db.ReopenTill(ctx, tx, till); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "desk.till.send_back", Object: "desk.till", ObjectID: till})
}

// supervised locks a till for its supervisor, who is not its operator.
func (s *Service) supervised(ctx context.Context, tx *pg.Tx, by identity.Principal, till uuid.UUID) (t Till, err error) {
	if t, err = lockTill(ctx, tx, till); err != nil {
		return t, err
	}
	if err := s.authorise(ctx, tx, by, Supervise, t.Place); err != nil {
		return t, err
	}
	if t.Operator == by.Account {
		return t, ErrOwnTill
	}
	return t, nil
}

// Till returns a till session. Permission: the operator's own, or desk:supervise at the office. Errors: ErrForbidden, ErrNoTill.
func (s *Service) Till(ctx context.Context, tx *pg.Tx, by identity.Principal, till uuid.UUID) (t Till, err error) {
	defer fault.Wrap(&err, "desk.Till(%s)", till)
	if t, err = getTill(ctx, tx, till); err != nil {
		return t, err
	}
	permission := Supervise
	if t.Operator == by.Account {
		permission = Use
	}
	return t, s.authorise(ctx, tx, by, permission, t.Place)
}

// Tills lists the till sessions of an office, the newest first: an operator's own, all for who supervises. Permission: desk:use at the
// office. Errors: ErrForbidden, page.ErrCursor.
func (s *Service) Tills(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place, status TillStatus, r page.Request) (p page.Page[Till], err error) {
	defer fault.Wrap(&err, "desk.Tills")
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return p, err
	}
	operator := by.Account
	if s.authorise(ctx, tx, by, Supervise, at) == nil {
		operator = uuid.Nil
	}
	before, err := r.AfterID()
	if err != nil {
		return p, err
	}
	rows, err := listTills(ctx, tx, at, operator, status, before, r.Limit()+1)
	return page.Of(r, rows, func(t Till) []string { return []string{t.ID.String()} }), err
}

// Taken lists what was taken at a till, the newest first. Permission: the operator's own till, or desk:supervise at the office.
// Errors: ErrForbidden, ErrNoTill, page.ErrCursor.
func (s *Service) Taken(ctx context.Context, tx *pg.Tx, by identity.Principal, till uuid.UUID, r page.Request) (p page.Page[payment.Collection], err error) {
	defer fault.Wrap(&err, "desk.Taken(%s)", till)
	t, err := s.Till(ctx, tx, by, till)
	if err != nil {
		return p, err
	}
	return s.deps.Payments.Collections(ctx, tx, payment.CollectionFilter{Place: t.Place.label(), Till: till}, r)
}

// Collection returns what was taken at an office. Permission: desk:use at the office. Errors: ErrForbidden, payment.ErrUnknown.
func (s *Service) Collection(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place, collection uuid.UUID) (c payment.Collection, err error) {
	defer fault.Wrap(&err, "desk.Collection(%s)", collection)
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return c, err
	}
	c, err = s.deps.Payments.Collection(ctx, tx, collection)
	if err == nil && c.Place != at.label() {
		return payment.Collection{}, payment.ErrUnknown
	}
	return c, err
}

// Cheques lists the cheques of an office, the newest first. Permission: desk:supervise at the office. Errors: ErrForbidden,
// page.ErrCursor.
func (s *Service) Cheques(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place, status payment.CollectionStatus, r page.Request) (p page.Page[payment.Collection], err error) {
	defer fault.Wrap(&err, "desk.Cheques")
	if err := s.authorise(ctx, tx, by, Supervise, at); err != nil {
		return p, err
	}
	return s.deps.Payments.Collections(ctx, tx, payment.CollectionFilter{Place: at.label(), Means: payment.Cheque, Status: status}, r)
}

// Clear notes that the bank honoured a cheque. Permission: desk:supervise at the office. Errors: ErrForbidden and those of payment.Clear.
func (s *Service) Clear(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place, collection uuid.UUID) (err error) {
	defer fault.Wrap(&err, "desk.Clear(%s)", collection)
	if err := s.authorise(ctx, tx, by, Supervise, at); err != nil {
		return err
	}
	if _, err := s.Collection(ctx, tx, by, at, collection); err != nil {
		return err
	}
	return s.deps.Payments.Clear(ctx, tx, collection)
}

// Return takes back what was taken: a cheque that bounced, or a mistake of the same day. The demand is open again and the payer is
// told. A mistake is given back before the till is counted. Reason names nobody. Permission: desk:supervise at the office.
// Errors: ErrForbidden, ErrTillCounted and those of payment.Return.
func (s *Service) Return(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place, collection uuid.UUID, as payment.CollectionStatus, reason string) (err error) {
	defer fault.Wrap(&err, "desk.Return(%s)", collection)
	if err := s.authorise(ctx, tx, by, Supervise, at); err != nil {
		return err
	}
	before, err := s.Collection(ctx, tx, by, at, collection)
	if err != nil || before.Status == as {
		return err
	}
	t, err := lockTill(ctx, tx, before.Till) // whoever closes it waits, or we do
	if err != nil {
		return err
	}
	if as == payment.Reversed && t.Status == TillCounted { // what was counted would no longer be what is booked
		return ErrTillCounted
	}
	c, err := s.deps.Payments.Return(ctx, tx, collection, as, reason)
	if err != nil {
		return err
	}
	return s.deps.Notices.TellReturned(ctx, tx, c)
}
