package payment

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/payment/internal/paymentdb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// Credit is what was paid too much for a thing, because less is asked for it since. It is set against what is demanded for the same thing
// later, or given back.
type Credit struct {
	ID        uuid.UUID // uuid.Nil where there never was one
	Payer     uuid.UUID
	Subject   string
	SubjectID uuid.UUID
	Service   string
	Agency    string
	Reference string       // of the thing, for people
	Amount    money.Amount // what is too much now; nothing once it is set against a demand or given back
	GivenBack money.Amount // in all
	Note      string       // how it was given back last
	ChangedAt time.Time
}

// PutCredit says how much of what was paid for a thing is too much now. Subject and SubjectID name it, as for a demand.
type PutCredit struct {
	Payer     uuid.UUID
	Subject   string
	SubjectID uuid.UUID
	Service   string
	Agency    string
	Reference string
	Amount    money.Amount
}

// PutCredit notes how much of what was paid is too much now, nothing included, instead of what was noted before. It is called by modules,
// which hold the credit by LockCredit. Errors: ErrSubject, ErrAmount.
func (s *Service) PutCredit(ctx context.Context, tx *pg.Tx, in PutCredit) (err error) {
	defer fault.Wrap(&err, "payment.PutCredit(%s %s)", in.Subject, in.SubjectID)
	if in.Payer == uuid.Nil || in.Subject == "" || in.SubjectID == uuid.Nil {
		return ErrSubject
	}
	if in.Amount.Minor < 0 || in.Amount.Minor > lineLimit || len(in.Amount.Currency) != 3 {
		return ErrAmount
	}
	credit, err := db.PutCredit(ctx, tx, paymentdb.PutCreditParams{
		ID: id.New(), PayerID: in.Payer, Subject: in.Subject, SubjectID: in.SubjectID, Service: in.Service, Agency: in.Agency, Reference: in.Reference,
		AmountMinor: in.Amount.Minor, Currency: in.Amount.Currency, ChangedAt: tx.Now,
	})
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "payment.credit.put", Object: "payment.credit", ObjectID: credit, Person: in.Payer,
		Detail: map[string]any{"amount": in.Amount.Minor, "currency": in.Amount.Currency},
	})
}

// LockCredit returns what was paid too much for a thing, and nobody gives it back before tx is over; the zero Credit where there never was
// any. It is called by modules, not by people.
func (s *Service) LockCredit(ctx context.Context, tx *pg.Tx, subject string, subjectID uuid.UUID) (_ Credit, err error) {
	defer fault.Wrap(&err, "payment.LockCredit(%s %s)", subject, subjectID)
	row, err := db.LockCredit(ctx, tx, paymentdb.LockCreditParams{Subject: subject, SubjectID: subjectID})
	if pg.NotFound(err) {
		return Credit{}, nil
	}
	return toCredit(row), err
}

// Credit returns what was paid too much for a thing, the zero Credit where there never was any; people see their own. Who looks at
// another's is on record, which needs a transaction that writes. Errors: ErrUnknown.
func (s *Service) Credit(ctx context.Context, tx *pg.Tx, subject string, subjectID uuid.UUID) (c Credit, err error) {
	defer fault.Wrap(&err, "payment.Credit(%s %s)", subject, subjectID)
	row, err := db.GetCredit(ctx, tx, paymentdb.GetCreditParams{Subject: subject, SubjectID: subjectID})
	if pg.NotFound(err) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	if err := maySee(tx, row.PayerID); err != nil {
		return c, err
	}
	c = toCredit(row)
	return c, audit.Read(ctx, tx, audit.Entry{
		Action: "payment.credit.read", Object: "payment.credit", ObjectID: c.ID, Person: c.Payer, Detail: map[string]any{"agency": c.Agency},
	})
}

// Credits lists what is to be given back, the newest first; agency "" for all. Who looks is on record, which needs a transaction that
// writes. Permission payment:read. Errors: ErrForbidden, page.ErrCursor.
func (s *Service) Credits(ctx context.Context, tx *pg.Tx, agency string, r page.Request) (p page.Page[Credit], err error) {
	defer fault.Wrap(&err, "payment.Credits")
	if err := mayManage(tx); err != nil {
		return p, err
	}
	before, err := r.AfterID()
	if err != nil {
		return p, err
	}
	rows, err := db.ListCredits(ctx, tx, paymentdb.ListCreditsParams{Agency: agency, Before: orNil(before), Lim: int32(r.Limit() + 1)})
	if err != nil {
		return p, err
	}
	list := make([]Credit, 0, len(rows))
	for _, row := range rows {
		list = append(list, toCredit(row))
	}
	p = page.Of(r, list, func(c Credit) []string { return []string{c.ID.String()} })
	ids := make([]uuid.UUID, 0, len(p.Rows))
	for _, c := range p.Rows {
		ids = append(ids, c.ID)
	}
	audit.ReadList(ctx, tx, audit.Entry{Action: "payment.credit.list", Object: "payment.credit", Detail: map[string]any{"agency": agency}}, ids...)
	return p, nil
}

// GiveBack notes that all of a credit was given back, with how or by whom as the reason. Permission payment:refund.
// Errors: ErrForbidden, ErrReason, ErrUnknown, ErrNoCredit.
func (s *Service) GiveBack(ctx context.Context, tx *pg.Tx, credit uuid.UUID, reason string) (err error) {
	defer fault.Wrap(&err, "payment.GiveBack(%s)", credit)
	if err := mayManage(tx); err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return ErrReason
	}
	row, err := db.LockCreditByID(ctx, tx, credit)
	if err != nil {
		return known(err)
	}
	if row.AmountMinor == 0 {
		return ErrNoCredit
	}
	if err := db.GiveCreditBack(ctx, tx, paymentdb.GiveCreditBackParams{ID: credit, Note: reason, ChangedAt: tx.Now}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "payment.credit.give_back", Object: "payment.credit", ObjectID: credit, Person: row.PayerID,
		Detail: map[string]any{"amount": row.AmountMinor, "currency": row.Currency},
	})
}

func toCredit(r paymentdb.PaymentCredit) Credit {
	return Credit{
		ID: r.ID, Payer: r.PayerID, Subject: r.Subject, SubjectID: r.SubjectID, Service: r.Service, Agency: r.Agency, Reference: r.Reference,
		Amount: money.Amount{Minor: r.AmountMinor, Currency: r.Currency}, GivenBack: money.Amount{Minor: r.GivenBackMinor, Currency: r.Currency},
		Note: r.Note, ChangedAt: r.ChangedAt,
	}
}
