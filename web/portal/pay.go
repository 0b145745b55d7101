package portal

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"digit/internal/infra/document"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

type payView struct {
	Site                    ui.Site
	ID, Name, Reference     string
	Lines                   []ui.BillLine
	Total                   money.Amount
	Number                  string
	Failed, Pending, Nobody bool
	Failure                 string
}

// payAsk says what is to be paid, and for what, before the reader leaves for the payment page.
func (p *Portal) payAsk(r *frame.Request) error {
	v, a, _, err := p.demand(r)
	if err != nil {
		return err
	}
	if !a.ToPay() {
		return r.Redirect(a.path())
	}
	return r.HTML(payPage(v))
}

func (p *Portal) demand(r *frame.Request) (v payView, a application, charges []payment.Charge, err error) {
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.open(ctx, tx, r); err != nil || a.Demand == nil {
			return err
		}
		d, err := p.deps.Payments.Demand(ctx, tx, a.Demand.ID)
		if err != nil {
			return err
		}
		for _, l := range d.Lines {
			v.Lines = append(v.Lines, ui.BillLine{Label: r.Text(l.Name), Amount: l.Amount})
		}
		v.Total, v.Number = d.Amount, d.Number
		charges, err = p.deps.Payments.Charges(ctx, tx, d.ID)
		return err
	})
	v.Site, v.ID, v.Name, v.Reference = r.Site(frame.Portal), a.ID.String(), "", a.Reference
	if a.spec != nil {
		v.Name = r.Text(a.spec.Pack().Name)
	}
	return v, a, charges, err
}

// pay starts the charge and sends the reader to the gateway's page. Pressed twice, it leads to the same page.
func (p *Portal) pay(r *frame.Request) error {
	_, a, _, err := p.demand(r)
	if err != nil {
		return err
	}
	if !a.ToPay() {
		return r.Redirect(a.path())
	}
	var charge payment.Charge
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		charge, err = p.deps.Payments.StartCharge(ctx, tx, a.Demand.ID, returnTo(a.ID))
		return err
	})
	if errors.Is(err, payment.ErrAlreadyPaid) {
		return r.Redirect(a.path())
	}
	if err != nil {
		return err
	}
	url, err := p.deps.Payments.Begin(r.Context(), r.DB(), r.Scope(false), charge.ID)
	if err != nil {
		return err
	}
	return r.RedirectOut(url)
}

// paid is where the gateway sends people back to. Only what the gateway tells us, signed, counts as payment: until
// then the page waits and looks again.
func (p *Portal) paid(r *frame.Request) error {
	v, a, charges, err := p.demand(r)
	if err != nil {
		return err
	}
	if a.Receipt != "" {
		return r.Leave(a.path() + "?done=request.paid")
	}
	v.Pending = true
	if len(charges) > 0 {
		newest := slices.MaxFunc(charges, func(x, y payment.Charge) int { return x.CreatedAt.Compare(y.CreatedAt) })
		if newest.Status == payment.FailedPay || newest.Status == payment.Expired {
			v.Pending, v.Failed, v.Failure = false, true, r.T("pay.failure."+newest.Failure)
		}
	}
	if !v.Pending && r.Part() {
		return r.Leave(r.URL.Path)
	}
	return r.HTML(paidPage(v))
}

// receipt returns the receipt as PDF.
func (p *Portal) receipt(r *frame.Request) error {
	var f document.File
	var body bytes.Buffer
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		a, err := p.open(ctx, tx, r)
		if err != nil {
			return err
		}
		if a.Demand == nil {
			return document.ErrNotFound
		}
		rec, err := p.deps.Payments.Receipt(ctx, tx, a.Demand.ID)
		if err != nil {
			return err
		}
		if f, err = p.deps.Documents.File(ctx, tx, rec.Document); err != nil {
			return err
		}
		return p.deps.Documents.Read(ctx, tx, f.ID, &body)
	})
	if err != nil {
		return err
	}
	return r.File(f.Name, f.MediaType, true, body.Bytes())
}
