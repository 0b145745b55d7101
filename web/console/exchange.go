package console

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

func exchangeTabs(r *frame.Request, messages bool) []ui.NavItem {
	return []ui.NavItem{
		{Label: r.T("console.exchange.routes"), Href: "/console/exchange", Current: !messages},
		{Label: r.T("console.exchange.messages"), Href: "/console/exchange/messages", Current: messages},
	}
}

// routesList lists who provides which service: here, or elsewhere.
func (c *Console) routesList(r *frame.Request) error {
	v := view(r, r.T("site.console.exchange"))
	v.Lead, v.Tabs = r.T("console.exchange.lead"), exchangeTabs(r, false)
	var known names
	l := list[exchange.Route]{
		name: "routes", columns: []string{"service", "agency", "endpoint", "changed"}, empty: empty(r, "exchange", "arrow-up-down", nil),
		orders: map[string]func(a, b exchange.Route) int{
			"service": words(func(x exchange.Route) string { return known.service(x.Service) }),
			"agency":  words(func(x exchange.Route) string { return known.agency(x.Agency) }),
			"changed": func(a, b exchange.Route) int { return a.UpdatedAt.Compare(b.UpdatedAt) },
		},
		fetch: func(ctx context.Context, tx *pg.Tx, _ page.Request) (out page.Page[exchange.Route], err error) {
			if known, err = c.names(ctx, tx, r); err != nil {
				return out, err
			}
			return all(c.deps.Exchange.Routes(ctx, tx))
		},
		cells: func(x exchange.Route) []ui.Cell {
			where := x.Endpoint
			if where == exchange.Local {
				where = r.T("console.exchange.here")
			}
			return []ui.Cell{{Text: known.service(x.Service)}, {Text: known.agency(x.Agency)}, {Text: where}, {Text: ui.DateTime(r.Context(), x.UpdatedAt)}}
		},
	}
	return l.serve(r, v)
}

// exchangeMessages lists what went between consumers and providers, without what it said.
func (c *Console) exchangeMessages(r *frame.Request) error {
	v := view(r, r.T("site.console.exchange"))
	v.Lead, v.Tabs = r.T("console.exchange.messages.lead"), exchangeTabs(r, true)
	v.Chips = chips(r, "status", "console.delivery.", "queued", "delivered", "failed")
	filter := exchange.Filter{Status: r.Query("status"), Service: r.Query("service")}
	filter.RequestID, _ = uuid.Parse(r.Query("request")) // anything else narrows nothing
	if filter.Service != "" {
		known, err := c.known(r)
		if err != nil {
			return err
		}
		v.Chips = append(v.Chips, chip(r, "service", filter.Service, known.service(filter.Service)))
	}
	if filter.RequestID != uuid.Nil {
		v.Chips = append(v.Chips, chip(r, "request", r.Query("request"), r.T("console.exchange.one")))
	}
	var known names
	l := list[exchange.MessageRow]{
		name: "exchange", columns: []string{"sent", "direction", "kind", "service", "state", "problem", "request"},
		empty: empty(r, "exchange.messages", "arrow-up-down", nil),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (out page.Page[exchange.MessageRow], err error) {
			if known, err = c.names(ctx, tx, r); err != nil {
				return out, err
			}
			return c.deps.Exchange.Messages(ctx, tx, filter, p)
		},
		cells: func(m exchange.MessageRow) []ui.Cell {
			kind := map[string]ui.Kind{"delivered": ui.Success, "failed": ui.Danger, "queued": ui.Info}[m.Status]
			return []ui.Cell{
				{Text: ui.DateTime(r.Context(), m.SentAt)},
				{Text: r.T("console.direction." + m.Direction)},
				{Text: c.word(r, "console.exchange.kind.", m.Kind)},
				{Text: known.service(m.Service), Sub: known.agency(m.Agency)},
				{Tag: &ui.TagView{Text: r.T("console.delivery." + m.Status), Kind: kind}},
				{Text: m.Failure},
				{Text: m.RequestID.String()[24:], Href: r.With("request", m.RequestID.String())},
			}
		},
	}
	return l.serve(r, v)
}
