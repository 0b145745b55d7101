package console

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/web/frame"
	"digit/web/ui"
)

// agencies lists who provides services.
func (c *Console) agencies(r *frame.Request) error {
	v := view(r, r.T("site.console.agencies"))
	v.Lead = r.T("console.agencies.lead")
	v.Search = search(r, "console.agencies.search")
	var first *ui.ButtonView
	if r.Principal.MayIn(agency.Manage, "") {
		first = &ui.ButtonView{Label: r.T("console.agencies.new"), Href: "/console/agencies/new", Icon: "plus"}
		v.Actions = append(v.Actions, *first)
	}
	var known names
	l := list[agency.Branch]{
		name: "agencies", columns: []string{"agency", "code", "parent", "boundary", "email", "phone", "state"}, empty: empty(r, "agencies", "landmark", first),
		orders: map[string]func(a, b agency.Branch) int{
			"agency": words(func(a agency.Branch) string { return r.Text(a.Name) }), "code": words(func(a agency.Branch) string { return a.Code }),
		},
		fetch: func(ctx context.Context, tx *pg.Tx, _ page.Request) (out page.Page[agency.Branch], err error) {
			if known, err = c.names(ctx, tx, r); err != nil {
				return out, err
			}
			found, err := c.deps.Agencies.Agencies(ctx, tx)
			return all(foundAgencies(r, found), err)
		},
		cells: func(a agency.Branch) []ui.Cell {
			return []ui.Cell{
				{Text: r.Text(a.Name), Href: "/console/agencies/" + a.Code, Level: a.Level},
				{Text: a.Code},
				{Text: known.agency(a.Parent)},
				{Text: known.area(a.Boundary)},
				{Text: a.Email},
				{Text: a.Phone},
				{Tag: openTag(r, a.Closed)},
			}
		},
	}
	return l.serve(r, v)
}

// foundAgencies are those that the words of the address name: in the tree where all are shown in its order, else side by side.
func foundAgencies(r *frame.Request, found []agency.Agency) []agency.Branch {
	slices.SortStableFunc(found, words(func(a agency.Agency) string { return r.Text(a.Name) }))
	tree, q := agency.Tree(found), strings.ToLower(r.Query("q"))
	if q == "" && r.Query("sort") == "" {
		return tree
	}
	tree = slices.DeleteFunc(tree, func(a agency.Branch) bool {
		return !strings.Contains(strings.ToLower(a.Code+" "+r.Text(a.Name)), q)
	})
	for i := range tree {
		tree[i].Level = 0
	}
	return tree
}

// agencyTree are the agencies below one ("" for all), each with its own below it.
func agencyTree(r *frame.Request, all []agency.Agency, parent string) (nodes []ui.Node) {
	for _, a := range all {
		if a.Parent != parent {
			continue
		}
		n := ui.Node{Text: r.Text(a.Name), Sub: a.Code, Href: "/console/agencies/" + a.Code, Below: agencyTree(r, all, a.Code)}
		if a.Closed {
			n.Tag = openTag(r, true)
		}
		nodes = append(nodes, n)
	}
	return nodes
}

// standing is what an agency stands under, as a trail of links.
func standing(r *frame.Request, all []agency.Agency, code string) ui.Fact {
	fact := ui.Fact{Key: r.T("console.column.parent"), Value: r.T("console.none")}
	var links []ui.Link
	for _, a := range agency.Path(all, code) {
		links = append(links, ui.Link{Label: r.Text(a.Name), Href: "/console/agencies/" + a.Code})
	}
	if links != nil {
		fact.Body = trail(links)
	}
	return fact
}

func openTag(r *frame.Request, closed bool) *ui.TagView {
	if closed {
		return &ui.TagView{Text: r.T("console.status.closed"), Kind: ui.Neutral}
	}
	return &ui.TagView{Text: r.T("console.status.open"), Kind: ui.Success}
}

// agency shows one agency with its offices and who works there.
func (c *Console) agency(r *frame.Request) error {
	var a agency.Agency
	var every []agency.Agency
	var offices []agency.Office
	var staff page.Page[agency.Staff]
	people := map[uuid.UUID]string{}
	var known names
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = c.deps.Agencies.Agency(ctx, tx, r.Param("agency")); err != nil {
			return err
		}
		if every, err = c.deps.Agencies.Agencies(ctx, tx); err != nil {
			return err
		}
		if known, err = c.names(ctx, tx, r); err != nil {
			return err
		}
		if offices, err = c.deps.Agencies.Offices(ctx, tx, a.Code); err != nil {
			return err
		}
		if !r.Principal.MayIn(agency.Read, a.Code) {
			return nil
		}
		if staff, err = c.deps.Agencies.StaffOf(ctx, tx, *r.Principal, a.Code, r.Paging()); err != nil {
			return err
		}
		for _, s := range staff.Rows {
			if people[s.Account], err = c.deps.Identity.Name(ctx, tx, s.Account); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	here, may := "/console/agencies/"+a.Code, r.Principal.MayIn(agency.Manage, a.Code)
	v := view(r, r.Text(a.Name)).back("/console/agencies", r.T("site.console.agencies"))
	v.Caption, v.Tag, v.Lead = a.Code, openTag(r, a.Closed), r.Text(a.Purpose)
	v.Facts = []ui.Fact{
		standing(r, every, a.Code),
		{Key: r.T("console.column.boundary"), Value: orNone(r, known.area(a.Boundary))},
		{Key: r.T("console.column.email"), Value: orNone(r, a.Email)},
		{Key: r.T("console.column.phone"), Value: orNone(r, a.Phone)},
	}
	if may {
		v.Actions = []ui.ButtonView{
			{Label: r.T("console.edit"), Href: here + "/edit", Icon: "pencil", Variant: "secondary"},
			{Label: r.T("console.imports"), Href: here + "/imports", Icon: "upload", Variant: "secondary"},
		}
	}
	if r.Principal.MayIn(agency.Read, a.Code) {
		v.Actions = append(v.Actions,
			ui.ButtonView{Label: r.T("console.positions"), Href: here + "/positions", Icon: "users", Variant: "secondary"},
			ui.ButtonView{Label: r.T("console.chart"), Href: here + "/chart", Variant: "secondary"},
			ui.ButtonView{Label: r.T("console.absences"), Href: here + "/absences", Variant: "secondary"})
	}
	v.Actions = append(v.Actions, calendarButton(r, a)...)
	v.Sections = []section{c.offices(r, here, offices, may), c.staff(r, here, staff, people, officeNames(r, offices), may)}
	if below := agencyTree(r, every, a.Code); below != nil {
		v.Sections = append([]section{{Title: r.T("console.agencies.below"), Tree: below}}, v.Sections...)
	}
	return r.HTML(consolePage(v))
}

func orNone(r *frame.Request, s string) string {
	if s == "" {
		return r.T("console.none")
	}
	return s
}

// agencyAsk asks for an agency's facts: those of a new one, or those that stand.
func (c *Console) agencyAsk(r *frame.Request) error {
	var a agency.Agency
	if code := r.Param("agency"); code != "" {
		err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
			a, err = c.deps.Agencies.Agency(ctx, tx, code)
			return err
		})
		if err != nil {
			return err
		}
	}
	areas, err := c.known(r)
	if err != nil {
		return err
	}
	return r.HTML(consolePage(c.agencyForm(r, a, areas)))
}

func (c *Console) agencyForm(r *frame.Request, a agency.Agency, all names) pageView {
	known := r.Param("agency")
	v := view(r, r.T("console.agencies.new")).back("/console/agencies", r.T("site.console.agencies"))
	if known != "" {
		v = view(r, r.T("console.edit")).back("/console/agencies/"+known, all.agency(known))
		v.Caption = r.Text(a.Name)
	}
	fields := []field{input(r, "code", a.Code, code, readOnly(known != ""), hint(r.T("console.code.hint")))}
	fields = append(fields, c.texts(r, "name", a.Name)...)
	fields = append(fields, c.texts(r, "purpose", a.Purpose, optional)...)
	if r.Principal.MayIn(agency.Manage, "") {
		fields = append(fields, input(r, "parent", "", optional, options(selectField, all.parentOptions(r, a)), hint(r.T("console.agencies.parent.hint"))))
	}
	fields = append(fields, areaField(r, a.Boundary, all),
		input(r, "email", a.Email, email, optional), input(r, "phone", a.Phone, telephone, optional), closedField(r, a.Closed))
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.save")}, Fields: fields}
	return v
}

// parentOptions are the agencies under which one can stand; those below it are refused by their agency.
func (n names) parentOptions(r *frame.Request, a agency.Agency) []ui.Option {
	out := []ui.Option{{Label: r.T("console.agencies.top"), Checked: a.Parent == ""}}
	for code, name := range n.agencies {
		if code != r.Param("agency") {
			out = append(out, ui.Option{Value: code, Label: name, Checked: code == a.Parent})
		}
	}
	slices.SortFunc(out[1:], func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
	return out
}

// areaField asks for the area that an agency or an office looks after.
func areaField(r *frame.Request, chosen string, all names) field {
	return input(r, "boundary", "", optional, options(selectField, all.areaOptions(r, chosen)), hint(r.T("console.boundary.hint")))
}

func closedField(r *frame.Request, closed bool) field {
	return input(r, "closed", "", optional, options(checkField, []ui.Option{
		{Value: "yes", Label: r.T("console.closed"), Hint: r.T("console.closed.hint"), Checked: closed},
	}))
}

func (c *Console) agencySave(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	a := agency.Agency{
		Code: trimmed(posted, "code"), Name: textOf(posted, "name"), Purpose: textOf(posted, "purpose"), Boundary: trimmed(posted, "boundary"),
		Email: trimmed(posted, "email"), Phone: trimmed(posted, "phone"), Parent: posted.Get("parent"), Closed: posted.Get("closed") == "yes",
	}
	if known := r.Param("agency"); known != "" {
		a.Code = known
	}
	areas, err := c.known(r)
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		if _, asked := posted["parent"]; !asked { // who may not move it keeps it where it is
			if old, err := c.deps.Agencies.Agency(ctx, tx, a.Code); err == nil {
				a.Parent = old.Parent
			}
		}
		return c.deps.Agencies.Put(ctx, tx, *r.Principal, a)
	})
	v := c.agencyForm(r, a, areas)
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/console/agencies/" + a.Code + "?done=console.saved")
}
