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

func paymentTabs(r *frame.Request, current string) []ui.NavItem {
	tabs := []ui.NavItem{{Label: r.T("console.demands"), Href: "/console/payments", Current: current == "demands"}}
	if r.Principal.MayIn("payment:read", "") {
		tabs = append(tabs,
			ui.NavItem{Label: r.T("console.received"), Href: "/console/payments/received", Current: current == "received"},
			ui.NavItem{Label: r.T("console.surplus"), Href: "/console/payments/received?status=surplus", Current: current == "surplus"},
			ui.NavItem{Label: r.T("console.credits"), Href: creditList, Current: current == "credits"})
	}
	return tabs
}

// demands lists what people have to pay.
func (c *Console) demands(r *frame.Request) error {
	within, err := reach(r, "payment:read", r.Query("agency"))
	if err != nil {
		return err
	}
	v := view(r, r.T("site.console.payments"))
	v.Lead, v.Tabs = r.T("console.payments.lead"), paymentTabs(r, "demands")
	v.Search = search(r, "console.payments.search")
	v.Chips = chips(r, "status", "console.demand.", "open", "paid", "cancelled")
	filter := payment.DemandFilter{Status: payment.DemandStatus(r.Query("status")), Agency: within, Number: r.Query("q")}
	var known names
	l := list[payment.Demand]{
		name: "demands", people: true, columns: []string{"number", "reference", "agency", "amount#", "state", "raised"}, empty: empty(r, "payments", "receipt", nil),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (out page.Page[payment.Demand], err error) {
			if known, err = c.names(ctx, tx, r); err != nil {
				return out, err
			}
			return c.deps.Payments.Demands(ctx, tx, filter, p)
		},
		cells: func(d payment.Demand) []ui.Cell {
			return []ui.Cell{
				{Text: d.Number, Href: "/console/payments/" + d.ID.String()},
				{Text: d.Reference},
				{Text: known.agency(d.Agency)},
				{Text: ui.Money(r.Context(), d.Amount)},
				{Tag: demandTag(r, d.Status)},
				{Text: ui.DateTime(r.Context(), d.RaisedAt)},
			}
		},
	}
	return l.serve(r, v)
}

func demandTag(r *frame.Request, s payment.DemandStatus) *ui.TagView {
	kind := map[payment.DemandStatus]ui.Kind{payment.DemandOpen: ui.Info, payment.DemandPaidUp: ui.Success}[s]
	return &ui.TagView{Text: r.T("console.demand." + string(s)), Kind: kind}
}

// demand shows one demand with its lines and each attempt to pay it.
func (c *Console) demand(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var d payment.Demand
	var charges []payment.Charge
	var known names
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if known, err = c.names(ctx, tx, r); err != nil {
			return err
		}
		if d, err = c.deps.Payments.Demand(ctx, tx, id); err != nil {
			return err
		}
		if _, err := reach(r, "payment:read", d.Agency); err != nil {
			return err
		}
		charges, err = c.deps.Payments.Charges(ctx, tx, id)
		return err
	})
	if err != nil {
		return err
	}
	v := view(r, d.Number).back("/console/payments", r.T("site.console.payments"))
	v.Caption, v.Tag = d.Reference, demandTag(r, d.Status)
	v.Facts = []ui.Fact{
		{Key: r.T("console.column.amount"), Value: ui.Money(r.Context(), d.Amount)},
		{Key: r.T("console.column.agency"), Value: known.agency(d.Agency)},
		{Key: r.T("console.column.service"), Value: known.service(d.Service)},
		{Key: r.T("console.column.raised"), Value: ui.DateTime(r.Context(), d.RaisedAt)},
	}
	if d.PaidAt != nil {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("console.column.paid"), Value: ui.DateTime(r.Context(), *d.PaidAt)})
	}
	if d.CancelReason != "" {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("console.field.reason"), Value: d.CancelReason})
	}
	lines := &ui.TableView{
		Caption: r.T("console.demand.lines"), HideCaption: true, Columns: columns(r, "what", "amount#"),
		Total: []ui.Cell{{Text: r.T("ui.total")}, {Text: ui.Money(r.Context(), d.Amount)}},
	}
	for _, l := range d.Lines {
		lines.Rows = append(lines.Rows, ui.Row{Cells: []ui.Cell{{Text: r.Text(l.Name)}, {Text: ui.Money(r.Context(), l.Amount)}}})
	}
	tries := &ui.TableView{
		Caption: r.T("console.demand.charges"), HideCaption: true, Stack: true, Columns: columns(r, "started", "gateway", "state", "problem"),
		Empty: &ui.EmptyView{Icon: "wallet", Title: r.T("console.demand.charges.none")},
	}
	for _, x := range charges {
		tries.Rows = append(tries.Rows, ui.Row{Cells: []ui.Cell{
			{Text: ui.DateTime(r.Context(), x.CreatedAt)}, {Text: c.word(r, "console.gateway.", x.Gateway)}, {Tag: chargeTag(r, x.Status)}, {Text: c.word(r, "pay.failure.", x.Failure)},
		}})
	}
	v.Sections = []section{{Title: r.T("console.demand.lines"), Table: lines}, {Title: r.T("console.demand.charges"), Table: tries}}
	return r.HTML(consolePage(v))
}

func chargeTag(r *frame.Request, s payment.ChargeStatus) *ui.TagView {
	kind := map[payment.ChargeStatus]ui.Kind{
		payment.Succeeded: ui.Success, payment.FailedPay: ui.Danger, payment.Disputed: ui.Warning, payment.Pending: ui.Info,
	}[s]
	return &ui.TagView{Text: r.T("console.charge." + string(s)), Kind: kind}
}

// received lists the money that came in; what came in too much is to be given back.
func (c *Console) received(r *frame.Request) error {
	status, tab := r.Query("status"), "received"
	if status == string(payment.Surplus) {
		tab = "surplus"
	}
	v := view(r, r.T("site.console.payments"))
	v.Lead, v.Tabs = r.T("console."+tab+".lead"), paymentTabs(r, tab)
	v.Chips = chips(r, "status", "console.payment.", "applied", "surplus", "refunded")
	l := list[payment.Payment]{
		name: "payments", people: true, columns: []string{"number", "reference", "amount#", "state", "paid", "act"}, empty: empty(r, "received", "hand-coins", nil),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (page.Page[payment.Payment], error) {
			return c.deps.Payments.Payments(ctx, tx, payment.PaymentFilter{Status: payment.PaymentStatus(status)}, p)
		},
		cells: func(p payment.Payment) []ui.Cell {
			cells := []ui.Cell{
				{Text: p.Number, Href: "/console/payments/" + p.Demand.String()},
				{Text: p.Reference},
				{Text: ui.Money(r.Context(), p.Amount)},
				{Tag: paymentTag(r, p.Status)},
				{Text: ui.DateTime(r.Context(), p.PaidAt)},
				{},
			}
			if p.Status == payment.Surplus && r.Principal.MayIn("payment:refund", "") {
				cells[5] = ui.Cell{Text: r.T("console.refund"), Href: "/console/payments/received/" + p.ID.String() + "/refund"}
			}
			return cells
		},
	}
	return l.serve(r, v)
}

func paymentTag(r *frame.Request, s payment.PaymentStatus) *ui.TagView {
	kind := map[payment.PaymentStatus]ui.Kind{payment.Applied: ui.Success, payment.Surplus: ui.Warning}[s]
	return &ui.TagView{Text: r.T("console.payment." + string(s)), Kind: kind}
}

const surplusList = "/console/payments/received?status=surplus"

func refundForm(r *frame.Request, reason string) pageView {
	return reasonForm(r, r.T("console.refund.title"), r.T("console.refund.text"), r.T("console.refund"), surplusList, reason)
}

func (c *Console) refundAsk(r *frame.Request) error { return r.HTML(consolePage(refundForm(r, ""))) }

// refund notes that a surplus was given back, and how.
func (c *Console) refund(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	reason := trimmed(posted, "reason")
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return c.deps.Payments.MarkRefunded(ctx, tx, id, reason) })
	v := refundForm(r, reason)
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(surplusList + "&done=console.refunded")
}
