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

// The tabs of the exchange.
const (
	tabRoutes    = "routes"
	tabProviders = "providers"
	tabMessages  = "messages"
)

func exchangeTabs(r *frame.Request, current string) []ui.NavItem {
	return []ui.NavItem{
		{Label: r.T("console.exchange.routes"), Href: "/console/exchange", Current: current == tabRoutes},
		{Label: r.T("console.exchange.providers"), Href: providersPath, Current: current == tabProviders},
		{Label: r.T("console.exchange.messages"), Href: "/console/exchange/messages", Current: current == tabMessages},
	}
}

// routesList lists who provides which service: here, or elsewhere.
func (c *Console) routesList(r *frame.Request) error {
	v := view(r, r.T("site.console.exchange"))
	v.Lead, v.Tabs = r.T("console.exchange.lead"), exchangeTabs(r, tabRoutes)
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
			where := ui.Cell{Text: x.Endpoint}
			switch {
			case x.Provider != "":
				where = ui.Cell{Text: x.Provider, Href: providersPath + "/" + x.Provider}
			case x.Endpoint == exchange.Local:
				where.Text = r.T("console.exchange.here")
			}
			return []ui.Cell{{Text: known.service(x.Service)}, {Text: known.agency(x.Agency)}, where, {Text: ui.DateTime(r.Context(), x.UpdatedAt)}}
		},
	}
	return l.serve(r, v)
}

// exchangeMessages lists what went between consumers and providers, without what it said.
func (c *Console) exchangeMessages(r *frame.Request) error {
	v := view(r, r.T("site.console.exchange"))
	v.Lead, v.Tabs = r.T("console.exchange.messages.lead"), exchangeTabs(r, tabMessages)
	v.Chips = chips(r, "status", "console.delivery.", "queued", "delivered", "failed")
	filter := exchange.Filter{Status: r.Query("status"), Service: r.Query("service"), Provider: r.Query("provider")}
	filter.RequestID, _ = uuid.Parse(r.Query("request")) // anything else narrows nothing
	if filter.Service != "" {
		known, err := c.known(r)
		if err != nil {
			return err
		}
		v.Chips = append(v.Chips, chip(r, "service", filter.Service, known.service(filter.Service)))
	}
	if filter.Provider != "" {
		v.Chips = append(v.Chips, chip(r, "provider", filter.Provider, filter.Provider))
	}
	if filter.RequestID != uuid.Nil {
		v.Chips = append(v.Chips, chip(r, "request", r.Query("request"), r.T("console.exchange.one")))
	}
	var known names
	l := list[exchange.MessageRow]{
		name: "exchange", columns: []string{"sent", "direction", "kind", "service", "state", "problem", "request", "act"},
		empty: empty(r, "exchange.messages", "arrow-up-down", nil),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (out page.Page[exchange.MessageRow], err error) {
			if known, err = c.names(ctx, tx, r); err != nil {
				return out, err
			}
			return c.deps.Exchange.Messages(ctx, tx, filter, p)
		},
		cells: func(m exchange.MessageRow) []ui.Cell {
			cells := c.messageCells(r, m, known)
			one := ui.Cell{Text: m.RequestID.String()[24:], Href: r.With("request", m.RequestID.String())}
			return append(cells[:6:6], one, cells[6])
		},
	}
	return l.serve(r, v)
}
