package console

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/web/frame"
	"digit/web/ui"
)

// chart shows an agency's positions below those to which they report, with who holds them, who stands in, and which are vacant.
func (c *Console) chart(r *frame.Request) error {
	code := r.Param("agency")
	var positions []agency.Position
	var held map[string][]agency.Holding
	var away []agency.Absence
	var a agency.Agency
	people := map[uuid.UUID]string{}
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = c.deps.Agencies.Agency(ctx, tx, code); err != nil {
			return err
		}
		if positions, held, err = c.deps.Agencies.Positions(ctx, tx, *r.Principal, code); err != nil {
			return err
		}
		if away, err = c.deps.Agencies.Away(ctx, tx, *r.Principal, code); err != nil {
			return err
		}
		for _, list := range held {
			for _, h := range list {
				people[h.Account] = ""
			}
		}
		for _, x := range away {
			people[x.Account], people[x.StandIn] = "", ""
		}
		return c.nameAll(ctx, tx, people)
	})
	if err != nil {
		return err
	}
	here := "/console/agencies/" + code
	v := view(r, r.T("console.chart")).back(here, r.Text(a.Name))
	v.Lead = r.T("console.chart.lead")
	v.Actions = []ui.ButtonView{{Label: r.T("console.positions"), Href: here + "/positions", Variant: "secondary"}, {Label: r.T("console.absences"), Href: here + "/absences", Variant: "secondary"}}
	nodes := chartNodes(r, here+"/positions/", "", positions, held, away, people)
	v.Sections = []section{{Title: r.Text(a.Name), Tree: nodes}}
	if nodes == nil {
		v.Sections = nil
		v.Table = &ui.TableView{Caption: v.Title, Empty: &ui.EmptyView{Icon: "users", Title: r.T("console.positions.none"), Text: r.T("console.positions.none.text")}}
	}
	return r.HTML(consolePage(v))
}

// nameAll fills in what accounts are called.
func (c *Console) nameAll(ctx context.Context, tx *pg.Tx, people map[uuid.UUID]string) (err error) {
	delete(people, uuid.Nil)
	for account := range people {
		if people[account], err = c.deps.Identity.Name(ctx, tx, account); err != nil {
			return err
		}
	}
	return nil
}

func chartNodes(r *frame.Request, here, above string, all []agency.Position, held map[string][]agency.Holding, away []agency.Absence, people map[uuid.UUID]string) (nodes []ui.Node) {
	for _, p := range all {
		if p.ReportsTo != above {
			continue
		}
		n := ui.Node{Text: r.Text(p.Title), Href: here + p.Code, Below: chartNodes(r, here, p.Code, all, held, away, people)}
		taken := 0
		for _, h := range held[p.Code] {
			if !h.Current(r.Now) {
				continue
			}
			taken++
			n.Items = append(n.Items, holderLink(r, h, away, people))
		}
		switch free := p.Seats - taken; {
		case p.Closed:
			n.Tag = openTag(r, true)
		case free > 0:
			n.Tag = &ui.TagView{Text: r.T("console.chart.vacant", "n", free), Kind: ui.Warning}
		}
		if p.Closed && taken == 0 && n.Below == nil {
			continue // it is of the past
		}
		nodes = append(nodes, n)
	}
	return nodes
}

// holderLink names who holds a position, and who stands in where they are away.
func holderLink(r *frame.Request, h agency.Holding, away []agency.Absence, people map[uuid.UUID]string) ui.Link {
	l := ui.Link{Label: people[h.Account]}
	if r.Principal.May("identity:read") {
		l.Href = "/console/people/" + h.Account.String()
	}
	for _, x := range away {
		if x.Account == h.Account && x.Current(r.Now) {
			l.Label += " · " + awayWords(r, x, people)
		}
	}
	return l
}

// awayWords say until when somebody is away and who stands in.
func awayWords(r *frame.Request, x agency.Absence, people map[uuid.UUID]string) string {
	words := r.T("console.away.until", "day", day(r, lastDay(&x.Until)))
	if x.StandIn != uuid.Nil {
		words += ", " + r.T("console.away.stand_in", "name", people[x.StandIn])
	}
	return strings.TrimSpace(words)
}
