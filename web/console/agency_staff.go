package console

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/web/frame"
	"digit/web/ui"
)

func (c *Console) staff(r *frame.Request, here string, staff page.Page[agency.Staff], names map[uuid.UUID]string, offices map[string]string, may bool) section {
	s := section{Title: r.T("console.staff"), Pager: r.Pager(staff.Next), Table: &ui.TableView{
		Caption: r.T("console.staff"), HideCaption: true, Stack: true, Columns: columns(r, "name", "title", "office", "since", "act"),
		Empty: &ui.EmptyView{Icon: "users", Title: r.T("console.staff.none"), Text: r.T("console.staff.none.text")},
	}}
	for _, w := range staff.Rows {
		cells := []ui.Cell{{Text: names[w.Account]}, {Text: r.Text(w.Title)}, {Text: orNone(r, offices[w.Office])}, {Text: ui.Date(r.Context(), w.Since)}, {}}
		if r.Principal.May("identity:read") {
			cells[0].Href = "/console/people/" + w.Account.String()
		}
		if may {
			cells[4] = ui.Cell{Text: r.T("console.staff.dismiss"), Href: here + "/staff/" + w.Account.String() + "/dismiss"}
		}
		s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: cells})
	}
	if may {
		s.Actions = []ui.ButtonView{{Label: r.T("console.staff.assign"), Href: here + "/staff/new", Icon: "plus", Variant: "secondary"}}
	}
	return s
}

// assignAsk asks who is to work in the agency: staff that an administrator has entered.
func (c *Console) assignAsk(r *frame.Request) error {
	v, err := c.assignForm(r, "", "", nil)
	if err != nil {
		return err
	}
	return r.HTML(consolePage(v))
}

func (c *Console) assignForm(r *frame.Request, account, office string, title map[string]string) (v pageView, err error) {
	here := r.Param("agency")
	people := []ui.Option{{Label: r.T("console.choose")}}
	offices := []ui.Option{{Label: r.T("console.staff.no_office"), Checked: office == ""}}
	var a agency.Agency
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = c.deps.Agencies.Agency(ctx, tx, here); err != nil {
			return err
		}
		found, err := c.deps.Identity.Accounts(ctx, tx, identity.Filter{Kind: identity.KindStaff, Status: "active"}, page.Request{Size: 100})
		if err != nil {
			return err
		}
		for _, a := range found.Rows {
			people = append(people, ui.Option{Value: a.ID.String(), Label: a.Name, Checked: a.ID.String() == account})
		}
		list, err := c.deps.Agencies.Offices(ctx, tx, here)
		for _, o := range list {
			if !o.Closed {
				offices = append(offices, ui.Option{Value: o.Code, Label: r.Text(o.Name), Checked: o.Code == office})
			}
		}
		return err
	})
	v = view(r, r.T("console.staff.assign")).back("/console/agencies/"+here, r.Text(a.Name))
	v.Lead = r.T("console.staff.assign.lead")
	fields := []field{input(r, "account", "", options(selectField, people)), input(r, "office", "", optional, options(selectField, offices))}
	fields = append(fields, c.texts(r, "title", title, optional)...)
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.staff.assign")}, Fields: fields}
	return v, err
}

func (c *Console) assign(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	title := textOf(posted, "title")
	v, err := c.assignForm(r, posted.Get("account"), posted.Get("office"), title)
	if err != nil {
		return err
	}
	account, err := uuid.Parse(posted.Get("account"))
	if err != nil {
		v.Form.wrong("account", r.T("console.choose_person"))
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	w := agency.Staff{Account: account, Agency: r.Param("agency"), Office: posted.Get("office"), Title: title}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return c.deps.Agencies.Assign(ctx, tx, *r.Principal, w) })
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/console/agencies/" + w.Agency + "?done=console.saved")
}

// worksAt refuses to name anybody who does not work at the agency of the path. Errors: page.not_found; agency.ErrForbidden.
func (c *Console) worksAt(ctx context.Context, tx *pg.Tx, r *frame.Request, account uuid.UUID) error {
	req := page.Request{Size: 100}
	for {
		staff, err := c.deps.Agencies.StaffOf(ctx, tx, *r.Principal, r.Param("agency"), req)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(staff.Rows, func(s agency.Staff) bool { return s.Account == account }) {
			return nil
		}
		if req.After = staff.Next; req.After == "" {
			return frame.Lost(r)
		}
	}
}

func (c *Console) dismissAsk(r *frame.Request) error {
	account, err := r.UUID("account")
	if err != nil {
		return err
	}
	var name string
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if err := c.worksAt(ctx, tx, r, account); err != nil {
			return err
		}
		name, err = c.deps.Identity.Name(ctx, tx, account)
		return err
	})
	if err != nil {
		return err
	}
	v := view(r, r.T("console.staff.dismiss.title", "name", name))
	v.Confirm = &ui.ConfirmActView{
		Title: v.Title, Text: r.T("console.staff.dismiss.text"), Action: r.URL.Path, Submit: r.T("console.staff.dismiss"),
		Cancel: ui.Link{Label: r.T("console.cancel"), Href: "/console/agencies/" + r.Param("agency")},
	}
	return r.HTML(consolePage(v))
}

func (c *Console) dismiss(r *frame.Request) error {
	account, err := r.UUID("account")
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Agencies.Dismiss(ctx, tx, *r.Principal, account, r.Param("agency"))
	})
	if err != nil {
		return err
	}
	return r.Redirect("/console/agencies/" + r.Param("agency") + "?done=console.dismissed")
}
