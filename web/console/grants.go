package console

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

func (c *Console) grantTable(r *frame.Request, here string, a identity.AccountView, roles map[string]string, known names, may bool) section {
	s := section{Title: r.T("console.grants"), Table: &ui.TableView{
		Caption: r.T("console.grants"), HideCaption: true, Stack: true, Columns: columns(r, "role", "agency", "boundary", "from", "until", "source", "act"),
		Empty: &ui.EmptyView{Icon: "key", Title: r.T("console.grants.none"), Text: r.T("console.grants.none.text")},
	}}
	for _, g := range a.Grants {
		cells := []ui.Cell{
			{Text: orText(roles[g.Role], g.Role)},
			{Text: orText(known.agency(g.Agency), r.T("console.grants.everywhere"))},
			{Text: orNone(r, known.area(g.Boundary))},
			{Text: day(r, g.From)},
			{Text: day(r, lastDay(g.Until))},
			{Text: sourceName(r, g.Source)},
			{},
		}
		if may && g.Source == "" {
			change := here + "/grants/new?role=" + g.Role + "&agency=" + g.Agency + "&boundary=" + url.QueryEscape(g.Boundary)
			cells[6] = ui.Cell{Body: grantActs(change, here+"/grants/"+g.ID.String()+"/revoke", orText(roles[g.Role], g.Role))}
		}
		s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: cells})
	}
	if may {
		s.Actions = []ui.ButtonView{{Label: r.T("console.grants.new"), Href: here + "/grants/new", Icon: "plus", Variant: "secondary"}}
	}
	return s
}

// lastDay is the last moment of a grant: its end is excluded.
func lastDay(until *time.Time) *time.Time {
	if until == nil {
		return nil
	}
	last := until.Add(-time.Second)
	return &last
}

// grantForm asks for a role, where it holds, and until when.
func (c *Console) grantForm(r *frame.Request, g identity.NewGrant, from, until string) (v pageView, err error) {
	id := r.Param("id")
	roles := []ui.Option{{Label: r.T("console.choose")}}
	agencies := []ui.Option{{Label: r.T("console.grants.everywhere"), Checked: g.Agency == ""}}
	var name string
	var areas names
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if areas, err = c.names(ctx, tx, r); err != nil {
			return err
		}
		account, err := c.deps.Identity.Account(ctx, tx, g.Account)
		if err != nil {
			return err
		}
		name = account.Name
		list, err := c.deps.Identity.Roles(ctx, tx)
		if err != nil {
			return err
		}
		for _, role := range list {
			roles = append(roles, ui.Option{Value: role.Code, Label: r.Text(role.Name), Checked: role.Code == g.Role})
		}
		found, err := c.deps.Agencies.Agencies(ctx, tx)
		for _, a := range found {
			if r.Principal.MayIn("identity:manage", a.Code) {
				agencies = append(agencies, ui.Option{Value: a.Code, Label: r.Text(a.Name), Checked: a.Code == g.Agency})
			}
		}
		return err
	})
	v = view(r, r.T("console.grants.new")).back("/console/people/"+id, nameOf(r, name))
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.grants.new")}, Fields: []field{
		input(r, "role", "", options(selectField, roles)),
		input(r, "agency", "", options(selectField, agencies), hint(r.T("console.grants.agency.hint"))),
		input(r, "boundary", "", optional, options(selectField, areas.areaOptions(r, g.Boundary)), hint(r.T("console.grants.boundary.hint"))),
		input(r, "from", from, optional, width("10"), hint(r.T("console.grants.from.hint")), func(f *field) { f.Type = "date" }),
		input(r, "until", until, optional, width("10"), hint(r.T("console.grants.until.hint")), func(f *field) { f.Type = "date" }),
	}}
	return v, err
}

func (c *Console) grantAsk(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	// To change the time of a role that is held is to give it again: the address says which.
	g := identity.NewGrant{Account: id, Role: r.Query("role"), Agency: r.Query("agency"), Boundary: r.Query("boundary")}
	from, until, err := c.heldFor(r, g)
	if err != nil {
		return err
	}
	v, err := c.grantForm(r, g, from, until)
	if err != nil {
		return err
	}
	return r.HTML(consolePage(v))
}

// heldFor is the time for which a role is held already, as days; empty for one that is not.
func (c *Console) heldFor(r *frame.Request, g identity.NewGrant) (from, until string, err error) {
	if g.Role == "" {
		return "", "", nil
	}
	var a identity.AccountView
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		a, err = c.deps.Identity.Account(ctx, tx, g.Account)
		return err
	})
	for _, have := range a.Grants {
		if have.Role != g.Role || have.Agency != g.Agency || have.Boundary != g.Boundary || have.Source != "" {
			continue
		}
		if have.From != nil {
			from = civil.Of(have.From.In(r.Settings.Location())).String()
		}
		if last := lastDay(have.Until); last != nil {
			until = civil.Of(last.In(r.Settings.Location())).String()
		}
	}
	return from, until, err
}

func (c *Console) grant(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	in := identity.NewGrant{Account: id, Role: posted.Get("role"), Agency: posted.Get("agency"), Boundary: trimmed(posted, "boundary")}
	v, err := c.grantForm(r, in, posted.Get("from"), posted.Get("until"))
	if err != nil {
		return err
	}
	if in.Role == "" {
		v.Form.wrong("role", r.T("console.choose_role"))
	}
	if s := trimmed(posted, "from"); s != "" {
		if day, err := civil.Parse(s); err != nil {
			v.Form.wrong("from", r.T("console.date.wrong"))
		} else {
			begin := day.In(r.Settings.Location())
			in.From = &begin
		}
	}
	if s := trimmed(posted, "until"); s != "" {
		day, err := civil.Parse(s)
		if err != nil {
			v.Form.wrong("until", r.T("console.date.wrong"))
		} else {
			end := day.AddDays(1).In(r.Settings.Location())
			in.Until = &end
		}
	}
	if len(v.Form.Problems) > 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := c.deps.Identity.GrantFor(ctx, tx, in)
		return err
	})
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/console/people/" + id.String() + "?done=console.granted")
}

func (c *Console) revokeAsk(r *frame.Request) error {
	return c.confirmPerson(r, r.T("console.grants.revoke.title"), r.T("console.grants.revoke.text"), r.T("console.grants.revoke"))
}

func (c *Console) revoke(r *frame.Request) error {
	return c.changePerson(r, "grant", "console.revoked", c.deps.Identity.Revoke)
}
