package portal

import (
	"context"
	"strings"

	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/internal/provider/catalog"
	"digit/web/frame"
	"digit/web/ui"
)

// findView is the page on which people find services.
type findView struct {
	Site              ui.Site
	Search            ui.SearchView
	Filters           []ui.Field
	Kept              [][2]string // what the form of filters carries along: the words
	Chips             []ui.Chip
	Said              []string
	Services, Popular []ui.CardView
	Elsewhere         []ui.CardView // on other sites
	Pager             ui.Pager
}

// lists are what the page reads: the services, and by what they can be narrowed.
type lists struct {
	found    catalog.Found
	facets   catalog.Facets
	agencies map[string]agency.Agency
	places   places
	popular  []catalog.Entry
	others   []catalog.Elsewhere
}

// services lists what is offered: searched, narrowed, paged. All of it stands in the address.
func (p *Portal) services(r *frame.Request) error {
	var l lists
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		l, err = p.lists(ctx, tx, r)
		return err
	}); err != nil {
		return err
	}
	v := findView{Site: r.Site(frame.Portal), Pager: r.Pager(l.found.Next), Said: said(r, l.found)}
	v.Filters = filters(r, l)
	v.Search = ui.SearchView{Action: "/services", Label: r.T("portal.search.label"), Value: r.Query("q")}
	for _, f := range v.Filters {
		if f.Value == "" {
			continue
		}
		v.Search.Hidden = append(v.Search.Hidden, [2]string{f.Name, f.Value})
		for _, o := range f.Options {
			if o.Checked {
				v.Chips = append(v.Chips, ui.Chip{Label: o.Label, On: true, Remove: true, Href: r.With(f.Name, "")})
			}
		}
	}
	if words := r.Query("q"); words != "" {
		v.Kept = [][2]string{{"q", words}}
	}
	for _, e := range l.found.Rows {
		card := serviceCard(r, e, l.agencies)
		if r.Query("q") != "" {
			card.Meta = append([]string{card.Text}, card.Meta...)
			card.TitleParts, card.TextParts = marked(l.found, r.Text(e.Name)), marked(l.found, r.Text(e.Summary))
		}
		v.Services = append(v.Services, card)
	}
	for _, e := range l.others {
		v.Elsewhere = append(v.Elsewhere, linkCard(r, e, l.agencies))
	}
	for _, e := range l.popular {
		v.Popular = append(v.Popular, serviceCard(r, e, l.agencies))
	}
	return r.HTML(findPage(v))
}

func (p *Portal) lists(ctx context.Context, tx *pg.Tx, r *frame.Request) (l lists, err error) {
	q := catalog.Query{Text: r.Query("q"), Lang: r.Lang, LifeEvent: r.Query("event"), Audience: r.Query("audience"), Cost: r.Query("cost")}
	if l.facets, err = p.deps.Catalog.Facets(ctx, tx, r.Lang); err != nil {
		return l, err
	}
	if l.agencies, err = p.agencies(ctx, tx); err != nil {
		return l, err
	}
	if l.places, err = p.places(ctx, tx); err != nil {
		return l, err
	}
	possible := true
	if q.Agencies, possible = l.places.agencies(r.Query("agency"), r.Query("place"), r.Query("way") == wayCounter); possible {
		if l.found, err = p.deps.Catalog.Search(ctx, tx, q, r.Paging()); err != nil {
			return l, err
		}
		if l.others, err = p.elsewheres(ctx, tx, r, q, l.found); err != nil {
			return l, err
		}
	}
	if len(l.found.Rows)+len(l.others) == 0 {
		l.popular, err = p.deps.Catalog.Popular(ctx, tx, r.Lang, popularShown)
	}
	return l, err
}

// said tells what the search made of the words.
func said(r *frame.Request, f catalog.Found) (lines []string) {
	apart := func(words string) string { return "\u2068" + words + "\u2069" } // whatever way they are written
	if f.Instead != "" && len(f.Rows) > 0 {
		lines = append(lines, r.T("portal.find.instead", "typed", apart(r.Query("q")), "words", apart(f.Instead)))
	}
	if len(f.Unknown) > 0 && len(f.Rows) > 0 {
		lines = append(lines, r.T("portal.find.unknown", "words", apart(strings.Join(f.Unknown, " "))))
	}
	if f.Some && len(f.Rows) > 0 {
		lines = append(lines, r.T("portal.find.some"))
	}
	return lines
}

func marked(f catalog.Found, text string) (parts []ui.MarkedPart) {
	for _, p := range f.Mark(text) {
		parts = append(parts, ui.MarkedPart(p))
	}
	return parts
}
