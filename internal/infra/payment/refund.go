package payment

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// PaymentFilter chooses payments; zero fields choose all. Status Surplus lists what must be given back.
type PaymentFilter struct {
	Status PaymentStatus
	Demand uuid.UUID
}

// Payments lists money that came in, the newest first. Who looks is on record, which needs a transaction that writes.
// Permission payment:read. Errors: ErrForbidden, page.ErrCursor.
func (s *Service) Payments(ctx context.Context, tx *pg.Tx, f PaymentFilter, r page.Request) (p page.Page[Payment], err error) {
	defer fault.Wrap(&err, "payment.Payments")
	if err := mayManage(tx); err != nil {
		return p, err
	}
	before, err := r.AfterID()
	if err != nil {
		return p, err
	}
	rows, err := listPayments(ctx, tx, f, before, r.Limit()+1)
	if err != nil {
		return p, err
	}
	p = page.Of(r, rows, func(p Payment) []string { return []string{p.ID.String()} })
	ids := make([]uuid.UUID, 0, len(p.Rows))
	for _, one := range p.Rows {
		ids = append(ids, one.ID)
	}
	audit.ReadList(ctx, tx, audit.Entry{Action: "payment.payment.list", Object: "payment.payment"}, ids...)
	return p, nil
}

// MarkRefunded notes that a surplus was given back, with how or by whom as the reason. Permission payment:refund.
// Errors: ErrForbidden, ErrUnknown, ErrReason, ErrNotSurplus.
func (s *Service) MarkRefunded(ctx context.Context, tx *pg.Tx, payment uuid.UUID, reason string) (err error) {
	defer fault.Wrap(&err, "payment.MarkRefunded(%s)", payment)
	if err := mayManage(tx); err != nil {
		return err
	}
	if strings.TrimSpace(reason) == "" {
		return ErrReason
	}
	p, err := lockPayment(ctx, tx, payment)
	if err != nil {
		return err
	}
	if p.Status != Surplus {
		return ErrNotSurplus
	}
	if err := refundPayment(ctx, tx, payment, reason); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "payment.payment.refund", Object: "payment.payment", ObjectID: payment,
		Detail: map[string]any{"amount": p.Amount.Minor, "currency": p.Amount.Currency},
	})
}
