package payment

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// The formats of our numbers; refdata counts them.
const (
	demandFormat  = "FAT-{yyyy}-{seq:6}"
	receiptFormat = "REC-{yyyy}-{seq:6}"
)

// RaiseDemand says who has to pay what, for what. Subject and SubjectID name the thing it is for: for the same thing
// a demand is raised once. PayerName and Lang are for the receipt and may be empty. DueIn 0 means no due date.
type RaiseDemand struct {
	Payer     uuid.UUID
	PayerName string
	Subject   string
	SubjectID uuid.UUID
	Service   string
	Agency    string
	Reference string
	Lang      string
	Lines     []Line
	DueIn     time.Duration
}

// Raise makes a demand, or returns the one made for the same subject before. It is called by modules, not by people.
// Errors: ErrSubject, ErrLines, ErrAmount.
func (s *Service) Raise(ctx context.Context, tx *pg.Tx, in RaiseDemand) (d Demand, err error) {
	defer fault.Wrap(&err, "payment.Raise(%s %s)", in.Subject, in.SubjectID)
	if in.Payer == uuid.Nil || in.Subject == "" || in.SubjectID == uuid.Nil {
		return d, ErrSubject
	}
	sum, err := total(in.Lines)
	if err != nil {
		return d, err
	}
	// Two at once for one subject wait here, so that the second finds the first instead of taking a number.
	d, found, err := s.demandOf(ctx, tx, in.Subject, in.SubjectID)
	if err != nil || found {
		return d, err
	}
	d = Demand{
		ID: id.New(), Payer: in.Payer, Subject: in.Subject, SubjectID: in.SubjectID, Service: in.Service, Agency: in.Agency,
		Reference: in.Reference, Lang: in.Lang, Status: DemandOpen, Amount: sum, Lines: in.Lines, RaisedAt: tx.Now,
	}
	if in.DueIn > 0 {
		due := tx.Now.Add(in.DueIn)
		d.DueAt = &due
	}
	if d.Number, err = s.deps.Numbers.NextNumber(ctx, tx, demandFormat); err != nil {
		return d, err
	}
	if err := s.insertDemand(ctx, tx, d, in.PayerName); err != nil {
		return d, err
	}
	if err := audit.Record(ctx, tx, audit.Entry{
		Action: "payment.demand.raise", Object: "payment.demand", ObjectID: d.ID, Person: d.Payer,
		Detail: map[string]any{"number": d.Number, "amount": d.Amount.Minor, "currency": d.Amount.Currency},
	}); err != nil {
		return d, err
	}
	return d, tx.Publish(ctx, DemandRaised{
		Demand: d.ID, Number: d.Number, Payer: d.Payer, Subject: d.Subject, SubjectID: d.SubjectID,
		Service: d.Service, Agency: d.Agency, Amount: d.Amount,
	})
}

// Demand returns a demand with its lines; people see their own. Who looks at another's is on record, which needs a
// transaction that writes. Errors: ErrUnknown.
func (s *Service) Demand(ctx context.Context, tx *pg.Tx, demand uuid.UUID) (d Demand, err error) {
	defer fault.Wrap(&err, "payment.Demand(%s)", demand)
	if d, err = visible(ctx, tx, demand); err != nil {
		return d, err
	}
	return d, audit.Read(ctx, tx, audit.Entry{
		Action: "payment.demand.read", Object: "payment.demand", ObjectID: demand, Person: d.Payer, Detail: map[string]any{"number": d.Number, "agency": d.Agency},
	})
}

// visible returns a demand that the actor may see.
func visible(ctx context.Context, tx *pg.Tx, demand uuid.UUID) (d Demand, err error) {
	if d, err = getDemand(ctx, tx, demand); err != nil {
		return d, err
	}
	return d, maySee(tx, d.Payer)
}

// DemandFilter chooses demands; zero fields choose all.
type DemandFilter struct {
	Payer  uuid.UUID
	Status DemandStatus
	Agency string
	Number string
}

// Demands lists demands, the newest first; people see their own, whatever the filter says. Permission payment:read
// for staff, whose looks are on record, which needs a transaction that writes. Errors: page.ErrCursor.
func (s *Service) Demands(ctx context.Context, tx *pg.Tx, f DemandFilter, r page.Request) (p page.Page[Demand], err error) {
	defer fault.Wrap(&err, "payment.Demands")
	if tx.Actor.Kind == "person" && (f.Payer == uuid.Nil || maySee(tx, f.Payer) != nil) {
		f.Payer = tx.Actor.ID
	}
	before, err := r.AfterID()
	if err != nil {
		return p, err
	}
	rows, err := listDemands(ctx, tx, f, before, r.Limit()+1)
	if err != nil {
		return p, err
	}
	p = page.Of(r, rows, func(d Demand) []string { return []string{d.ID.String()} })
	ids := make([]uuid.UUID, 0, len(p.Rows))
	for _, d := range p.Rows {
		ids = append(ids, d.ID)
	}
	audit.ReadList(ctx, tx, audit.Entry{
		Action: "payment.demand.list", Object: "payment.demand", Person: f.Payer, Detail: map[string]any{"agency": f.Agency},
	}, ids...)
	return p, nil
}

// Cancel withdraws a demand that is not paid. Whoever pays all the same has a surplus. Cancelling twice is
// cancelling once. Errors: ErrUnknown, ErrForbidden, ErrReason, ErrAlreadyPaid.
func (s *Service) Cancel(ctx context.Context, tx *pg.Tx, demand uuid.UUID, reason string) (err error) {
	defer fault.Wrap(&err, "payment.Cancel(%s)", demand)
	if err := mayManage(tx); err != nil {
		return err
	}
	if strings.TrimSpace(reason) == "" {
		return ErrReason
	}
	d, err := lockDemand(ctx, tx, demand)
	if err != nil {
		return err
	}
	switch d.Status {
	case DemandCancelled:
		return nil
	case DemandPaidUp:
		return ErrAlreadyPaid.With("number", d.Number)
	}
	if err := cancelDemand(ctx, tx, demand, reason); err != nil {
		return err
	}
	if err := s.closeOpen(ctx, tx, demand, uuid.Nil); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "payment.demand.cancel", Object: "payment.demand", ObjectID: demand, Person: d.Payer, Reason: reason})
}

// Receipt returns the receipt of a paid demand. Errors: ErrUnknown, ErrNoReceipt.
func (s *Service) Receipt(ctx context.Context, tx *pg.Tx, demand uuid.UUID) (r Receipt, err error) {
	defer fault.Wrap(&err, "payment.Receipt(%s)", demand)
	if _, err := visible(ctx, tx, demand); err != nil {
		return r, err
	}
	return getReceipt(ctx, tx, demand)
}
