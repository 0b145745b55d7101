package console

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/web/frame"
	"digit/web/ui"
)

// people lists accounts: found by name (staff) or by a whole address.
func (c *Console) people(r *frame.Request) error {
	v := view(r, r.T("site.console.people"))
	v.Lead = r.T("console.people.lead")
	v.Search = search(r, "console.people.search")
	v.Chips = append(chips(r, "kind", "console.kind.", identity.KindStaff, identity.KindPerson), chips(r, "status", "console.status.", "suspended")...)
	var first *ui.ButtonView
	if r.Principal.May("identity:manage") {
		first = &ui.ButtonView{Label: r.T("console.people.new"), Href: "/console/people/new", Icon: "plus"}
		v.Actions = append(v.Actions, *first)
	}
	roles := map[string]string{}
	l := list[identity.AccountRow]{
		name: "people", columns: []string{"name", "kind", "contact", "roles", "state", "created"}, empty: empty(r, "people", "users", first),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (page.Page[identity.AccountRow], error) {
			if err := c.roleNames(ctx, tx, r, roles); err != nil {
				return page.Page[identity.AccountRow]{}, err
			}
			f := identity.Filter{Kind: r.Query("kind"), Status: r.Query("status"), Agency: r.Query("agency"), Role: r.Query("role"), Query: r.Query("q")}
			return c.deps.Identity.Accounts(ctx, tx, f, p)
		},
		cells: func(a identity.AccountRow) []ui.Cell {
			return []ui.Cell{
				{Text: nameOf(r, a.Name), Href: "/console/people/" + a.ID.String()},
				{Text: r.T("console.kind." + a.Kind)},
				{Text: masked(a.Contacts)},
				{Text: grants(a.Grants, roles)},
				{Tag: statusTag(r, a.Status)},
				{Text: ui.Date(r.Context(), a.Created)},
			}
		},
	}
	if role := r.Query("role"); role != "" {
		v.Chips = append(v.Chips, chip(r, "role", role, r.T("console.column.role")+": "+role))
	}
	return l.serve(r, v)
}

func nameOf(r *frame.Request, name string) string {
	if name == "" {
		return r.T("console.people.nameless")
	}
	return name
}

// masked shows addresses so far that their owner would know them again.
func masked(contacts []identity.Contact) string {
	var out []string
	for _, c := range contacts {
		out = append(out, notification.Mask(c.Address))
	}
	return strings.Join(out, ", ")
}

// roleNames fills in what each role is called.
func (c *Console) roleNames(ctx context.Context, tx *pg.Tx, r *frame.Request, names map[string]string) error {
	list, err := c.deps.Identity.Roles(ctx, tx)
	for _, role := range list {
		names[role.Code] = r.Text(role.Name)
	}
	return err
}

func grants(list []identity.Grant, roles map[string]string) string {
	var out []string
	for _, g := range list {
		text := orText(roles[g.Role], g.Role)
		if g.Agency != "" {
			text += " · " + g.Agency
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// person shows one account: its masked addresses, its roles, where it works.
func (c *Console) person(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var a identity.AccountView
	var posts []agency.Staff
	roles := map[string]string{}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = c.deps.Identity.Account(ctx, tx, id); err != nil {
			return err
		}
		if err := c.roleNames(ctx, tx, r, roles); err != nil {
			return err
		}
		posts, err = c.deps.Agencies.Posts(ctx, tx, id)
		return err
	})
	if err != nil {
		return err
	}
	here, may := "/console/people/"+id.String(), r.Principal.May("identity:manage")
	v := view(r, nameOf(r, a.Name)).back("/console/people", r.T("site.console.people"))
	v.Caption, v.Tag = r.T("console.kind."+a.Kind), statusTag(r, a.Status)
	for _, x := range a.Contacts {
		value := notification.Mask(x.Address)
		if x.Verified {
			value += " · " + r.T("console.people.verified")
		}
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("console.channel." + x.Channel), Value: value})
	}
	v.Facts = append(v.Facts, ui.Fact{Key: r.T("console.column.created"), Value: ui.DateTime(r.Context(), a.Created)})
	for _, p := range posts {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("console.people.works"), Value: strings.TrimSuffix(p.Agency+" · "+r.Text(p.Title), " · ")})
	}
	if a.Kind == identity.KindStaff {
		v.Sections = append(v.Sections, c.grantTable(r, here, a, roles, may))
	}
	if may {
		s := section{Title: r.T("console.people.access"), Text: r.T("console.people.access.text")}
		if a.Status == "active" {
			s.Actions = []ui.ButtonView{{Label: r.T("console.suspend"), Href: here + "/suspend", Variant: "warning"}}
		} else {
			s.Posts = []postView{{Action: here + "/restore", Label: r.T("console.restore")}}
		}
		v.Sections = append(v.Sections, s)
	}
	return r.HTML(consolePage(v))
}

func (c *Console) grantTable(r *frame.Request, here string, a identity.AccountView, roles map[string]string, may bool) section {
	s := section{Title: r.T("console.grants"), Table: &ui.TableView{
		Caption: r.T("console.grants"), HideCaption: true, Stack: true, Columns: columns(r, "role", "agency", "boundary", "from", "until", "act"),
		Empty: &ui.EmptyView{Icon: "key", Title: r.T("console.grants.none"), Text: r.T("console.grants.none.text")},
	}}
	when := func(t *time.Time) string {
		if t == nil {
			return r.T("console.none")
		}
		return ui.Date(r.Context(), *t)
	}
	for _, g := range a.Grants {
		cells := []ui.Cell{
			{Text: orText(roles[g.Role], g.Role)},
			{Text: orText(g.Agency, r.T("console.grants.everywhere"))},
			{Text: orNone(r, g.Boundary)},
			{Text: when(g.From)},
			{Text: when(lastDay(g.Until))},
			{},
		}
		if may && g.Source == "" {
			cells[5] = ui.Cell{Text: r.T("console.grants.revoke"), Href: here + "/grants/" + g.ID.String() + "/revoke"}
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

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (c *Console) staffAsk(r *frame.Request) error {
	return r.HTML(consolePage(c.staffForm(r, identity.AddStaff{Lang: r.Settings.DefaultLanguage})))
}

func (c *Console) staffForm(r *frame.Request, in identity.AddStaff) pageView {
	var languages []ui.Option
	for _, l := range r.Site("").Languages {
		languages = append(languages, ui.Option{Value: l.Lang, Label: l.Name, Checked: l.Lang == in.Lang})
	}
	v := view(r, r.T("console.people.new")).back("/console/people", r.T("site.console.people"))
	v.Lead = r.T("console.people.new.lead")
	name := input(r, "name", in.Name, label(r.T("console.column.name")))
	v.Form = &formView{FormPage: ui.FormPage{Action: "/console/people/new", Submit: r.T("console.people.new")}, Fields: []field{
		name, input(r, "email", in.Email, email, optional), input(r, "phone", in.Phone, telephone, optional, hint(r.T("console.people.contact.hint"))),
		input(r, "lang", "", options(radioField, languages)),
	}}
	return v
}

func (c *Console) staffAdd(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	in := identity.AddStaff{Name: trimmed(posted, "name"), Email: trimmed(posted, "email"), Phone: trimmed(posted, "phone"), Lang: posted.Get("lang")}
	var id uuid.UUID
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		id, err = c.deps.Identity.AddStaff(ctx, tx, in)
		return err
	})
	v := c.staffForm(r, in)
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/console/people/" + id.String() + "?done=console.created")
}

// grantForm asks for a role, where it holds, and until when.
func (c *Console) grantForm(r *frame.Request, g identity.NewGrant, until string) (v pageView, err error) {
	id := r.Param("id")
	roles := []ui.Option{{Label: r.T("console.choose")}}
	agencies := []ui.Option{{Label: r.T("console.grants.everywhere"), Checked: g.Agency == ""}}
	var name string
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
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
		input(r, "boundary", g.Boundary, optional, width("20"), hint(r.T("console.grants.boundary.hint"))),
		input(r, "until", until, optional, width("10"), hint(r.T("console.grants.until.hint")), func(f *field) { f.Type = "date" }),
	}}
	return v, err
}

func (c *Console) grantAsk(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	v, err := c.grantForm(r, identity.NewGrant{Account: id}, "")
	if err != nil {
		return err
	}
	return r.HTML(consolePage(v))
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
	v, err := c.grantForm(r, in, posted.Get("until"))
	if err != nil {
		return err
	}
	if in.Role == "" {
		v.Form.wrong("role", r.T("console.choose_role"))
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

// confirm asks before something is taken away from an account.
func confirm(r *frame.Request, title, text, submit, cancel string) error {
	v := view(r, title)
	v.Confirm = &ui.ConfirmActView{
		Title: title, Text: text, Action: r.URL.Path, Submit: submit, Cancel: ui.Link{Label: r.T("console.cancel"), Href: cancel},
	}
	return r.HTML(consolePage(v))
}

// confirmPerson asks about an account that the reader may look up.
func (c *Console) confirmPerson(r *frame.Request, title, text, submit string) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		_, err := c.deps.Identity.Account(ctx, tx, id)
		return err
	})
	if err != nil {
		return err
	}
	return confirm(r, title, text, submit, "/console/people/"+id.String())
}

func (c *Console) revokeAsk(r *frame.Request) error {
	return c.confirmPerson(r, r.T("console.grants.revoke.title"), r.T("console.grants.revoke.text"), r.T("console.grants.revoke"))
}

func (c *Console) revoke(r *frame.Request) error {
	return c.changePerson(r, "grant", "console.revoked", c.deps.Identity.Revoke)
}

func (c *Console) suspendAsk(r *frame.Request) error {
	return c.confirmPerson(r, r.T("console.people.suspend.title"), r.T("console.people.suspend.text"), r.T("console.suspend"))
}

func (c *Console) suspend(r *frame.Request) error {
	return c.changePerson(r, "id", "console.suspended", c.deps.Identity.Suspend)
}

func (c *Console) restorePerson(r *frame.Request) error {
	return c.changePerson(r, "id", "console.active", c.deps.Identity.Restore)
}

// changePerson does one act on an account or a grant of it, and goes back to the account.
func (c *Console) changePerson(r *frame.Request, param, done string, act func(context.Context, *pg.Tx, uuid.UUID) error) error {
	id, err := r.UUID(param)
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return act(ctx, tx, id) }); err != nil {
		return err
	}
	return r.Redirect("/console/people/" + r.Param("id") + "?done=" + done)
}
