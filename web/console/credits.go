package console

import (
	"context"
	"net/http"

	"digit/internal/infra/payment"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

const creditList = "/console/payments/credits"

// credits lists what people have paid too much since less is asked of them, and is to be given back.
func (c *Console) credits(r *frame.Request) error {
	v := view(r, r.T("site.console.payments"))
	v.Lead, v.Tabs = r.T("console.credits.lead"), paymentTabs(r, "credits")
	var known names
	l := list[payment.Credit]{
		name: "credits", people: true, columns: []string{"reference", "agency", "service", "amount#", "changed", "act"}, empty: empty(r, "credits", "hand-coins", nil),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (out page.Page[payment.Credit], err error) {
			if known, err = c.names(ctx, tx, r); err != nil {
				return out, err
			}
			return c.deps.Payments.Credits(ctx, tx, "", p)
		},
		cells: func(x payment.Credit) []ui.Cell {
			cells := []ui.Cell{
				{Text: x.Reference},
				{Text: known.agency(x.Agency)},
				{Text: known.service(x.Service)},
				{Text: ui.Money(r.Context(), x.Amount)},
				{Text: ui.DateTime(r.Context(), x.ChangedAt)},
				{},
			}
			if r.Principal.MayIn("payment:refund", "") {
				cells[5] = ui.Cell{Text: r.T("console.refund"), Href: creditList + "/" + x.ID.String() + "/give-back"}
			}
			return cells
		},
	}
	return l.serve(r, v)
}

func giveBackForm(r *frame.Request, reason string) pageView {
	return reasonForm(r, r.T("console.credit.title"), r.T("console.credit.text"), r.T("console.refund"), creditList, reason)
}

func (c *Console) giveBackAsk(r *frame.Request) error {
	return r.HTML(consolePage(giveBackForm(r, "")))
}

// giveBack notes that a credit was given back, and how.
func (c *Console) giveBack(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	reason := trimmed(posted, "reason")
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return c.deps.Payments.GiveBack(ctx, tx, id, reason) })
	v := giveBackForm(r, reason)
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(creditList + "?done=console.refunded")
}
