package console

import (
	"context"
	"net/http"
	"slices"

	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/web/frame"
	"digit/web/ui"
)

func (c *Console) offices(r *frame.Request, here string, offices []agency.Office, may bool) section {
	s := section{Title: r.T("console.offices"), Table: &ui.TableView{
		Caption: r.T("console.offices"), HideCaption: true, Stack: true, Columns: columns(r, "office", "address", "hours", "state"),
		Empty: &ui.EmptyView{Icon: "map-pin", Title: r.T("console.offices.none"), Text: r.T("console.offices.none.text")},
	}}
	for _, o := range offices {
		first := ui.Cell{Text: r.Text(o.Name)}
		if may {
			first.Href = here + "/offices/" + o.Code
		}
		s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: []ui.Cell{first, {Text: o.Address}, {Text: r.Text(o.Hours)}, {Tag: openTag(r, o.Closed)}}})
	}
	if may {
		s.Actions = []ui.ButtonView{{Label: r.T("console.offices.new"), Href: here + "/offices/new", Icon: "plus", Variant: "secondary"}}
	}
	return s
}

func officeNames(r *frame.Request, offices []agency.Office) map[string]string {
	names := map[string]string{}
	for _, o := range offices {
		names[o.Code] = r.Text(o.Name)
	}
	return names
}

func (c *Console) officeAsk(r *frame.Request) error {
	o := agency.Office{Agency: r.Param("agency")}
	if code := r.Param("office"); code != "" {
		err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
			offices, err := c.deps.Agencies.Offices(ctx, tx, o.Agency)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(offices, func(x agency.Office) bool { return x.Code == code })
			if i < 0 {
				return agency.ErrUnknownOffice
			}
			o = offices[i]
			return nil
		})
		if err != nil {
			return err
		}
	}
	areas, err := c.known(r)
	if err != nil {
		return err
	}
	return r.HTML(consolePage(c.officeForm(r, o, areas)))
}

func (c *Console) officeForm(r *frame.Request, o agency.Office, all names) pageView {
	known := r.Param("office")
	v := view(r, r.T("console.offices.new")).back("/console/agencies/"+o.Agency, all.agency(o.Agency))
	if known != "" {
		v.Title, v.Caption = r.Text(o.Name), known
	}
	fields := []field{input(r, "code", o.Code, code, readOnly(known != ""), hint(r.T("console.code.hint")))}
	fields = append(fields, c.texts(r, "name", o.Name)...)
	fields = append(fields, input(r, "address", o.Address, long, optional))
	fields = append(fields, c.texts(r, "hours", o.Hours, optional)...)
	fields = append(fields, areaField(r, o.Boundary, all),
		input(r, "email", o.Email, email, optional), input(r, "phone", o.Phone, telephone, optional), closedField(r, o.Closed))
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.save")}, Fields: fields}
	return v
}

func (c *Console) officeSave(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	o := agency.Office{
		Agency: r.Param("agency"), Code: trimmed(posted, "code"), Name: textOf(posted, "name"), Address: trimmed(posted, "address"),
		Hours: textOf(posted, "hours"), Boundary: trimmed(posted, "boundary"), Email: trimmed(posted, "email"), Phone: trimmed(posted, "phone"),
		Closed: posted.Get("closed") == "yes",
	}
	if known := r.Param("office"); known != "" {
		o.Code = known
	}
	areas, err := c.known(r)
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return c.deps.Agencies.PutOffice(ctx, tx, *r.Principal, o) })
	v := c.officeForm(r, o, areas)
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/console/agencies/" + o.Agency + "?done=console.saved")
}
