package console

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
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
	v.Chips = append(chips(r, "kind", "console.kind.", identity.KindStaff, identity.KindPerson, identity.KindBusiness), chips(r, "status", "console.status.", "suspended")...)
	var first *ui.ButtonView
	if r.Principal.May("identity:manage") {
		first = &ui.ButtonView{Label: r.T("console.people.new"), Href: "/console/people/new", Icon: "plus"}
		v.Actions = append(v.Actions, *first)
	}
	roles := map[string]string{}
	known, err := c.known(r)
	if err != nil {
		return err
	}
	l := list[identity.AccountRow]{
		name: "people", people: true, columns: []string{"name", "kind", "contact", "roles", "state", "created"}, empty: empty(r, "people", "users", first),
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
				{Text: grants(a.Grants, roles, known)},
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

func grants(list []identity.Grant, roles map[string]string, known names) string {
	var out []string
	for _, g := range list {
		text := orText(roles[g.Role], g.Role)
		if g.Agency != "" {
			text += " · " + known.agency(g.Agency)
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
	var factors *identity.Factors
	var held []agency.Holding
	var absences []ui.Fact
	roles := map[string]string{}
	var known names
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if known, err = c.names(ctx, tx, r); err != nil {
			return err
		}
		if a, err = c.deps.Identity.Account(ctx, tx, id); err != nil {
			return err
		}
		if factors, err = c.factorsOf(ctx, tx, r, id); err != nil {
			return err
		}
		if err := c.roleNames(ctx, tx, r, roles); err != nil {
			return err
		}
		if posts, err = c.deps.Agencies.Posts(ctx, tx, id); err != nil {
			return err
		}
		if held, err = c.deps.Agencies.Held(ctx, tx, id); err != nil {
			return err
		}
		absences, err = c.absenceFacts(ctx, tx, r, id, known)
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
		fact := ui.Fact{Key: r.T("console.channel." + x.Channel), Value: value}
		if may && a.Kind == identity.KindStaff && len(a.Contacts) > 1 {
			fact.Body = changed(value, here+"/contacts/"+x.ID.String()+"/remove", r.T("console.contacts.remove"))
		}
		v.Facts = append(v.Facts, fact)
	}
	if may && a.Kind == identity.KindStaff {
		v.Actions = append(v.Actions, ui.ButtonView{Label: r.T("console.contacts.add"), Href: here + "/contacts/new", Variant: "secondary", Icon: "plus"})
	}
	v.Facts = append(v.Facts, ui.Fact{Key: r.T("console.column.created"), Value: ui.DateTime(r.Context(), a.Created)})
	for _, p := range posts {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("console.people.works"), Value: strings.TrimSuffix(known.agency(p.Agency)+" · "+r.Text(p.Title), " · ")})
	}
	for _, h := range held {
		when := ui.Date(r.Context(), h.From)
		if h.Until != nil {
			when += " – " + day(r, lastDay(h.Until))
		}
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("console.people.holds"), Value: r.Text(h.Title) + " · " + known.agency(h.Agency) + " · " + when})
	}
	v.Facts = append(v.Facts, absences...)
	v.Actions = append(v.Actions, ui.ButtonView{Label: r.T("console.explain.open"), Href: here + "/may", Variant: "secondary"})
	if r.Principal.MayIn("identity:read", "") {
		v.Actions = append(v.Actions, ui.ButtonView{Label: r.T("console.delegations"), Href: here + "/delegations", Variant: "tertiary"})
	}
	if a.Kind == identity.KindStaff {
		v.Sections = append(v.Sections, c.grantTable(r, here, a, roles, known, may))
	}
	if factors != nil {
		v.Sections = append(v.Sections, factorSection(r, here, id, *factors))
	}
	if r.Principal.MayIn(encryption.Read, "") {
		v.Actions = append(v.Actions, ui.ButtonView{Label: r.T("keys.person"), Href: "/console/keys/people/" + id.String(), Icon: "key", Variant: "tertiary"})
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

// factorsOf returns what an account is proved by, nil for a reader who may not look after it.
func (c *Console) factorsOf(ctx context.Context, tx *pg.Tx, r *frame.Request, id uuid.UUID) (*identity.Factors, error) {
	if !r.Principal.May("identity:manage") {
		return nil, nil
	}
	f, err := c.deps.Identity.Factors(ctx, tx, id)
	if errors.Is(err, identity.ErrForbidden) { // he manages other agencies' staff
		return nil, nil
	}
	return &f, err
}

// factorSection shows what somebody signs in with, and lets it be taken away where he has lost it.
func factorSection(r *frame.Request, here string, id uuid.UUID, f identity.Factors) section {
	when := func(t *time.Time) string {
		if t == nil {
			return r.T("console.none")
		}
		return ui.Date(r.Context(), *t)
	}
	s := section{Title: r.T("console.factors"), Text: r.T("console.factors.text"), Facts: []ui.Fact{
		{Key: r.T("security.passkeys"), Value: r.T("console.factors.passkeys", "n", len(f.Passkeys))},
		{Key: r.T("security.app"), Value: when(f.TOTP)},
		{Key: r.T("security.recovery"), Value: r.T("security.recovery.left", "n", f.Recovery)},
		{Key: r.T("security.password"), Value: when(f.Password)},
	}}
	if f.Any() && id != r.Person() {
		s.Actions = []ui.ButtonView{{Label: r.T("console.factors.reset"), Href: here + "/reset", Variant: "warning"}}
	}
	return s
}

// contactForm asks for a further address of a member of staff.
func (c *Console) contactForm(r *frame.Request, typed string) (v pageView, id uuid.UUID, err error) {
	if id, err = r.UUID("id"); err != nil {
		return v, id, err
	}
	var a identity.AccountView
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		a, err = c.deps.Identity.Account(ctx, tx, id)
		return err
	})
	v = view(r, r.T("console.contacts.add")).back("/console/people/"+id.String(), nameOf(r, a.Name))
	v.Lead = r.T("console.contacts.add.text")
	v.Form = &formView{
		FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.contacts.add")},
		Fields:   []field{input(r, "staff_address", typed, func(f *field) { f.Autocomplete, f.NoSpellcheck = "off", true })},
	}
	return v, id, err
}

func (c *Console) contactAsk(r *frame.Request) error {
	v, _, err := c.contactForm(r, "")
	if err != nil {
		return err
	}
	return r.HTML(consolePage(v))
}

func (c *Console) contactAdd(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	typed := trimmed(posted, "staff_address")
	v, id, err := c.contactForm(r, typed)
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return c.deps.Identity.AddStaffContact(ctx, tx, id, typed) })
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/console/people/" + id.String() + "?done=console.contact_added")
}

func (c *Console) contactRemoveAsk(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var a identity.AccountView
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		a, err = c.deps.Identity.Account(ctx, tx, id)
		return err
	})
	if err != nil {
		return err
	}
	for _, x := range a.Contacts {
		if x.ID.String() == r.Param("contact") {
			text := r.T("console.contacts.remove.text", "address", notification.Mask(x.Address))
			return confirm(r, r.T("console.contacts.remove.title"), text, r.T("console.contacts.remove"), "/console/people/"+id.String())
		}
	}
	return identity.ErrNotFound
}

func (c *Console) contactRemove(r *frame.Request) error {
	account, err := r.UUID("id")
	if err != nil {
		return err
	}
	return c.changePerson(r, "contact", "console.contact_removed", func(ctx context.Context, tx *pg.Tx, contact uuid.UUID) error {
		return c.deps.Identity.RemoveStaffContact(ctx, tx, account, contact)
	})
}

func (c *Console) resetAsk(r *frame.Request) error {
	return c.confirmPerson(r, r.T("console.factors.reset.title"), r.T("console.factors.reset.text"), r.T("console.factors.reset"))
}

func (c *Console) reset(r *frame.Request) error {
	return c.changePerson(r, "id", "console.factors_reset", c.deps.Identity.ResetFactors)
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
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := c.deps.Identity.Account(ctx, tx, id)
		return err
	})
	if err != nil {
		return err
	}
	return confirm(r, title, text, submit, "/console/people/"+id.String())
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
