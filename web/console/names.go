package console

import (
	"context"
	"slices"
	"strings"

	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/catalog"
	"digit/web/frame"
	"digit/web/ui"
)

// names are what agencies, services and areas are called in the reader's language, by their codes.
// The giving of opinions by an agency is called as it stands in the directory of the exchange.
type names struct{ agencies, services, opinions, areas map[string]string }

func (n names) agency(code string) string { return orText(n.agencies[code], code) }
func (n names) service(code string) string {
	return orText(n.services[code], orText(n.opinions[code], code))
}
func (n names) area(code string) string { return orText(n.areas[code], code) }

// names reads them all: there are as many as a state has.
func (c *Console) names(ctx context.Context, tx *pg.Tx, r *frame.Request) (n names, err error) {
	n = names{agencies: map[string]string{}, services: map[string]string{}, opinions: map[string]string{}, areas: map[string]string{}}
	agencies, err := c.deps.Agencies.Agencies(ctx, tx)
	if err != nil {
		return n, err
	}
	for _, a := range agencies {
		n.agencies[a.Code] = r.Text(a.Name)
		n.opinions[exchange.OpinionsOf(a.Code)] = r.T("console.exchange.opinions", "agency", orText(r.Text(a.Name), a.Code))
	}
	for next := (page.Request{Size: 100}); ; {
		found, err := c.deps.Catalog.Search(ctx, tx, catalog.Query{Lang: r.Lang, Withdrawn: true}, next)
		if err != nil {
			return n, err
		}
		for _, e := range found.Rows {
			n.services[e.Code] = r.Text(e.Name)
		}
		if next.After = found.Next; next.After == "" {
			break
		}
	}
	areas, err := c.deps.Refdata.Boundaries(ctx, tx, "", "")
	for _, b := range areas {
		n.areas[b.Code] = r.Text(b.Name)
	}
	for _, b := range areas { // parishes of different islands share names
		if len(b.Path) > 3 {
			n.areas[b.Code] = r.Text(b.Name) + ", " + n.areas[b.Parent]
		}
	}
	return n, err
}

// areaOptions are the areas to choose from; the first is the whole state.
func (n names) areaOptions(r *frame.Request, chosen string) []ui.Option {
	out := make([]ui.Option, 0, len(n.areas)+1)
	for code, name := range n.areas {
		out = append(out, ui.Option{Value: code, Label: name, Checked: code == chosen})
	}
	slices.SortFunc(out, func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
	if _, known := n.areas[chosen]; !known && chosen != "" { // what was typed before there was a list
		out = append(out, ui.Option{Value: chosen, Label: chosen, Checked: true})
	}
	return append([]ui.Option{{Label: r.T("console.boundary.whole"), Checked: chosen == ""}}, out...)
}

// known reads the names for a page of its own.
func (c *Console) known(r *frame.Request) (n names, err error) {
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		n, err = c.names(ctx, tx, r)
		return err
	})
	return n, err
}
