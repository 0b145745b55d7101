package console

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/web/frame"
	"digit/web/ui"
)

// positionRow is a position with who holds it.
type positionRow struct {
	agency.Position
	holders []string
}

// positions lists the positions of an agency, those above before those that report to them.
func (c *Console) positions(r *frame.Request) error {
	code := r.Param("agency")
	here := "/console/agencies/" + code + "/positions"
	known, err := c.known(r)
	if err != nil {
		return err
	}
	v := view(r, r.T("console.positions")).back("/console/agencies/"+code, known.agency(code))
	v.Lead = r.T("console.positions.lead")
	v.Search = search(r, "console.positions.search")
	v.Chips = []ui.Chip{chip(r, "vacant", "yes", r.T("console.positions.vacant"))}
	var first *ui.ButtonView
	if r.Principal.MayIn(agency.Manage, code) {
		first = &ui.ButtonView{Label: r.T("console.positions.new"), Href: here + "/new", Icon: "plus"}
		v.Actions = append(v.Actions, *first)
	}
	titles, roles := map[string]string{}, map[string]string{}
	l := list[positionRow]{
		name: "positions", columns: []string{"position", "roles", "boundary", "reports_to", "holders", "seats#", "state"}, empty: empty(r, "positions", "users", first),
		fetch: func(ctx context.Context, tx *pg.Tx, _ page.Request) (page.Page[positionRow], error) {
			if _, err := c.deps.Agencies.Agency(ctx, tx, code); err != nil {
				return page.Page[positionRow]{}, err
			}
			if err := c.roleNames(ctx, tx, r, roles); err != nil {
				return page.Page[positionRow]{}, err
			}
			found, held, err := c.deps.Agencies.Positions(ctx, tx, *r.Principal, code)
			if err != nil {
				return page.Page[positionRow]{}, err
			}
			for _, p := range found {
				titles[p.Code] = r.Text(p.Title)
			}
			rows, err := c.positionRows(ctx, tx, r, byLine(found), held)
			return all(rows, err)
		},
		cells: func(p positionRow) []ui.Cell {
			var names []string
			for _, code := range p.Roles {
				names = append(names, orText(roles[code], code))
			}
			return []ui.Cell{
				{Text: titles[p.Code], Sub: p.Code, Href: here + "/" + p.Code},
				{Text: orNone(r, strings.Join(names, ", "))},
				{Text: orNone(r, known.area(p.Boundary))},
				{Text: orNone(r, titles[p.ReportsTo])},
				{Text: orText(strings.Join(p.holders, ", "), r.T("console.positions.vacant"))},
				{Text: ui.Number(r.Context(), p.Seats)},
				{Tag: openTag(r, p.Closed)},
			}
		},
	}
	return l.serve(r, v)
}

// positionRows are the positions that search and filter leave, with the names of those who hold them now.
func (c *Console) positionRows(ctx context.Context, tx *pg.Tx, r *frame.Request, found []agency.Position, held map[string][]agency.Holding) (rows []positionRow, err error) {
	q := strings.ToLower(r.Query("q"))
	for _, p := range found {
		row := positionRow{Position: p}
		for _, h := range held[p.Code] {
			if !h.Current(tx.Now) {
				continue
			}
			name, err := c.deps.Identity.Name(ctx, tx, h.Account)
			if err != nil {
				return nil, err
			}
			row.holders = append(row.holders, name)
		}
		if r.Query("vacant") == "yes" && (len(row.holders) >= p.Seats || p.Closed) {
			continue
		}
		if strings.Contains(strings.ToLower(p.Code+" "+r.Text(p.Title)+" "+strings.Join(row.holders, " ")), q) {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// byLine puts positions below those to which they report.
func byLine(found []agency.Position) (out []agency.Position) {
	var below func(code string)
	below = func(code string) {
		for _, p := range found {
			if p.ReportsTo == code {
				out = append(out, p)
				below(p.Code)
			}
		}
	}
	below("")
	return out
}

// position shows one position with who holds it, held it and will.
func (c *Console) position(r *frame.Request) error {
	var p agency.Position
	var held page.Page[agency.Holding]
	titles, roles, people := map[string]string{}, map[string]string{}, map[uuid.UUID]string{}
	var known names
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if known, err = c.names(ctx, tx, r); err != nil {
			return err
		}
		if p, held, err = c.deps.Agencies.Position(ctx, tx, *r.Principal, r.Param("agency"), r.Param("position"), r.Paging()); err != nil {
			return err
		}
		if err = c.roleNames(ctx, tx, r, roles); err != nil {
			return err
		}
		others, _, err := c.deps.Agencies.Positions(ctx, tx, *r.Principal, p.Agency)
		if err != nil {
			return err
		}
		for _, o := range others {
			titles[o.Code] = r.Text(o.Title)
		}
		for _, h := range held.Rows {
			if people[h.Account], err = c.deps.Identity.Name(ctx, tx, h.Account); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	here, may := "/console/agencies/"+p.Agency+"/positions/"+p.Code, r.Principal.MayIn(agency.Manage, p.Agency)
	v := view(r, r.Text(p.Title)).back("/console/agencies/"+p.Agency+"/positions", r.T("console.positions"))
	v.Caption, v.Tag = p.Code, openTag(r, p.Closed)
	var carried []string
	for _, code := range p.Roles {
		carried = append(carried, orText(roles[code], code))
	}
	v.Facts = []ui.Fact{
		{Key: r.T("console.column.roles"), Value: orNone(r, strings.Join(carried, ", "))},
		{Key: r.T("console.column.boundary"), Value: orNone(r, known.area(p.Boundary))},
		{Key: r.T("console.column.office"), Value: orNone(r, p.Office)},
		{Key: r.T("console.column.reports_to"), Value: orNone(r, titles[p.ReportsTo])},
		{Key: r.T("console.column.seats"), Value: ui.Number(r.Context(), p.Seats)},
	}
	if may {
		v.Actions = []ui.ButtonView{{Label: r.T("console.edit"), Href: here + "/edit", Icon: "pencil", Variant: "secondary"}}
		if !p.Closed {
			v.Actions = append([]ui.ButtonView{{Label: r.T("console.positions.hold"), Href: here + "/hold", Icon: "plus"}}, v.Actions...)
		}
	}
	t := &ui.TableView{Caption: r.T("console.positions.holders"), HideCaption: true, Stack: true, Columns: columns(r, "name", "from", "until", "state", "act"), Empty: &ui.EmptyView{
		Icon: "users", Title: r.T("console.positions.holders.none"), Text: r.T("console.positions.holders.none.text"),
	}}
	for _, h := range held.Rows {
		t.Rows = append(t.Rows, holdingRow(r, h, people[h.Account], here, may))
	}
	v.Sections = []section{{Title: r.T("console.positions.holders"), Table: t, Pager: r.Pager(held.Next)}}
	return r.HTML(consolePage(v))
}

// positionAsk asks for a position's facts: those of a new one, or those that stand.
func (c *Console) positionAsk(r *frame.Request) error {
	p := agency.Position{Agency: r.Param("agency"), Seats: 1}
	if code := r.Param("position"); code != "" {
		err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
			p, _, err = c.deps.Agencies.Position(ctx, tx, *r.Principal, p.Agency, code, page.Request{Size: 1})
			return err
		})
		if err != nil {
			return err
		}
	}
	v, err := c.positionForm(r, p, strconv.Itoa(p.Seats))
	if err != nil {
		return err
	}
	return r.HTML(consolePage(v))
}

func (c *Console) positionForm(r *frame.Request, p agency.Position, seats string) (v pageView, err error) {
	known, list := r.Param("position"), "/console/agencies/"+p.Agency+"/positions"
	v = view(r, r.T("console.positions.new")).back(list, r.T("console.positions"))
	if v.Lead = r.T("console.positions.new.lead"); known != "" {
		v = view(r, r.Text(p.Title)).back(list+"/"+known, known)
		v.Lead = r.T("console.positions.edit.lead")
	}
	carried, offices, above := []ui.Option{}, []ui.Option{{Label: r.T("console.staff.no_office"), Checked: p.Office == ""}}, []ui.Option{{Label: r.T("console.positions.top"), Checked: p.ReportsTo == ""}}
	var areas names
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if areas, err = c.names(ctx, tx, r); err != nil {
			return err
		}
		roles, err := c.deps.Identity.Roles(ctx, tx)
		if err != nil {
			return err
		}
		for _, role := range roles {
			carried = append(carried, ui.Option{Value: role.Code, Label: r.Text(role.Name), Checked: contains(p.Roles, role.Code)})
		}
		found, err := c.deps.Agencies.Offices(ctx, tx, p.Agency)
		if err != nil {
			return err
		}
		for _, o := range found {
			offices = append(offices, ui.Option{Value: o.Code, Label: r.Text(o.Name), Checked: o.Code == p.Office})
		}
		if !r.Principal.MayIn(agency.Read, p.Agency) {
			return nil
		}
		others, _, err := c.deps.Agencies.Positions(ctx, tx, *r.Principal, p.Agency)
		for _, o := range others {
			if o.Code != known {
				above = append(above, ui.Option{Value: o.Code, Label: r.Text(o.Title), Checked: o.Code == p.ReportsTo})
			}
		}
		return err
	})
	fields := []field{input(r, "code", p.Code, code, readOnly(known != ""), hint(r.T("console.code.hint")))}
	fields = append(fields, c.texts(r, "title", p.Title)...)
	fields = append(fields,
		input(r, "roles", "", optional, options(checkField, carried), hint(r.T("console.positions.roles.hint"))),
		input(r, "boundary", "", optional, options(selectField, areas.areaOptions(r, p.Boundary)), hint(r.T("console.grants.boundary.hint"))),
		input(r, "office", "", optional, options(selectField, offices)), input(r, "reports_to", "", optional, options(selectField, above)),
		input(r, "seats", seats, width("5"), hint(r.T("console.positions.seats.hint")), func(f *field) { f.InputMode = "numeric" }),
		input(r, "closed", "", optional, options(checkField, []ui.Option{{Value: "yes", Label: r.T("console.closed"), Hint: r.T("console.positions.closed.hint"), Checked: p.Closed}})),
	)
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.save")}, Fields: fields}
	return v, err
}

func (c *Console) positionSave(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	seats, _ := strconv.Atoi(trimmed(posted, "seats")) // what is no number is refused as none
	p := agency.Position{
		Agency: r.Param("agency"), Code: trimmed(posted, "code"), Title: textOf(posted, "title"), Office: posted.Get("office"), Boundary: trimmed(posted, "boundary"),
		Roles: posted["roles"], ReportsTo: posted.Get("reports_to"), Seats: seats, Closed: posted.Get("closed") == "yes",
	}
	if known := r.Param("position"); known != "" {
		p.Code = known
	}
	v, err := c.positionForm(r, p, trimmed(posted, "seats"))
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Agencies.PutPosition(ctx, tx, *r.Principal, p)
	})
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/console/agencies/" + p.Agency + "/positions/" + p.Code + "?done=console.saved")
}
