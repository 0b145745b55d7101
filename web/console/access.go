package console

import (
	"bytes"
	"context"
	"encoding/csv"
	"slices"
	"strings"
	"time"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// allowed is a permission with the roles that have it.
type allowed struct {
	code  string
	roles []identity.Role
}

// matrix shows which roles have which permission. The file has a column for each role.
func (c *Console) matrix(r *frame.Request) error {
	var roles []identity.Role
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		roles, err = c.deps.Identity.Roles(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	rows := c.allowed(r, roles)
	if r.Query("format") == "csv" {
		return c.matrixFile(r, roles, rows)
	}
	v := view(r, r.T("console.access"))
	v.Lead, v.Tabs = r.T("console.access.lead"), c.accessTabs(r)
	v.Search = search(r, "console.access.search")
	for _, role := range roles {
		v.Chips = append(v.Chips, chip(r, "role", role.Code, r.Text(role.Name)))
	}
	v.Actions = []ui.ButtonView{{Label: r.T("console.export"), Href: r.With("format", "csv"), Icon: "download", Variant: "tertiary"}}
	v.Table = &ui.TableView{Caption: v.Title, HideCaption: true, Stack: true, Columns: columns(r, "permission", "module", "roles", "act"), Empty: empty(r, "access", "key", nil)}
	for _, row := range rows {
		var names []string
		for _, role := range row.roles {
			names = append(names, r.Text(role.Name))
		}
		module, _, _ := strings.Cut(row.code, ":")
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: r.T("permission." + row.code), Sub: row.code},
			{Text: r.T("module." + module)},
			{Text: orNone(r, strings.Join(names, ", "))},
			{Text: r.T("console.access.who"), Href: "/console/grants?permission=" + row.code},
		}})
	}
	return r.HTML(consolePage(v))
}

// allowed are the permissions that the search and the chosen role leave.
func (c *Console) allowed(r *frame.Request, roles []identity.Role) (rows []allowed) {
	q, only := strings.ToLower(r.Query("q")), r.Query("role")
	for _, p := range c.deps.Permissions {
		row := allowed{code: p.Code}
		for _, role := range roles {
			if slices.Contains(role.Permissions, p.Code) {
				row.roles = append(row.roles, role)
			}
		}
		if only != "" && !slices.ContainsFunc(row.roles, func(role identity.Role) bool { return role.Code == only }) {
			continue
		}
		if strings.Contains(strings.ToLower(p.Code+" "+r.T("permission."+p.Code)), q) {
			rows = append(rows, row)
		}
	}
	return rows
}

func (c *Console) matrixFile(r *frame.Request, roles []identity.Role, rows []allowed) error {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	head := []string{r.T("console.column.code"), r.T("console.column.permission")}
	for _, role := range roles {
		head = append(head, frame.Cell(r.Text(role.Name)))
	}
	lines := [][]string{head}
	for _, row := range rows {
		cells := []string{row.code, frame.Cell(r.T("permission." + row.code))}
		for _, role := range roles {
			mark := ""
			if slices.Contains(role.Permissions, row.code) {
				mark = "x"
			}
			cells = append(cells, mark)
		}
		lines = append(lines, cells)
	}
	if err := w.WriteAll(lines); err != nil {
		return err
	}
	return r.File("permissions.csv", "text/csv; charset=utf-8", false, out.Bytes())
}

// accessTabs lead through what decides who may do what, as far as the reader may see it.
func (c *Console) accessTabs(r *frame.Request) (tabs []ui.NavItem) {
	for _, t := range []struct {
		permission, key, href string
		whole                 bool
	}{
		{"identity:read", "console.access", "/console/access", false},
		{"identity:read", "site.console.roles", "/console/roles", false},
		{"identity:read", "console.holders", "/console/grants", false},
		{"identity:read", "console.policies", "/console/policies", true},
		{"identity:read", "console.emergencies", "/console/emergencies", false},
		{"identity:machines", "console.machines", "/console/machines", false},
	} {
		if r.Principal.May(t.permission) && (!t.whole || r.Principal.MayIn(t.permission, "")) {
			tabs = append(tabs, ui.NavItem{Label: r.T(t.key), Href: t.href, Current: r.URL.Path == t.href})
		}
	}
	return tabs
}

// holders lists who has which role where and when.
func (c *Console) holders(r *frame.Request) error {
	v := view(r, r.T("console.holders"))
	v.Lead, v.Tabs = r.T("console.holders.lead"), c.accessTabs(r)
	v.Search = search(r, "console.holders.search")
	v.Chips = append(chips(r, "source", "console.source.", "hand", "position", "absence", "provider", "emergency"), chip(r, "ending", "yes", r.T("console.holders.ending")))
	f := identity.GrantFilter{
		Role: r.Query("role"), Agency: r.Query("agency"), Permission: r.Query("permission"), Query: r.Query("q"), Source: r.Query("source"), Ending: r.Query("ending") == "yes",
	}
	roles := map[string]string{}
	var known names
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if known, err = c.names(ctx, tx, r); err != nil {
			return err
		}
		return c.roleNames(ctx, tx, r, roles)
	})
	if err != nil {
		return err
	}
	for _, x := range []struct{ name, called string }{
		{"permission", r.T("permission." + f.Permission)}, {"role", orText(roles[f.Role], f.Role)}, {"agency", known.agency(f.Agency)},
	} {
		if value := r.Query(x.name); value != "" {
			v.Chips = append(v.Chips, chip(r, x.name, value, r.T("console.column."+x.name)+": "+x.called))
		}
	}
	l := list[identity.GrantRow]{
		name: "roles-held", people: true, columns: []string{"name", "role", "agency", "boundary", "from", "until", "source"}, empty: empty(r, "holders", "key", nil),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (page.Page[identity.GrantRow], error) {
			return c.deps.Identity.Grants(ctx, tx, f, p)
		},
		cells: func(g identity.GrantRow) []ui.Cell {
			who := ui.Cell{Text: nameOf(r, g.Name), Href: "/console/people/" + g.Account.String()}
			if g.Status != "active" {
				who.Sub = r.T("console.status." + g.Status)
			}
			return []ui.Cell{
				who,
				{Text: orText(roles[g.Role], g.Role)},
				{Text: orText(known.agency(g.Agency), r.T("console.grants.everywhere"))},
				{Text: orNone(r, known.area(g.Boundary))},
				{Text: day(r, g.From)},
				{Text: day(r, lastDay(g.Until))},
				{Text: sourceName(r, g.Source)},
			}
		},
	}
	return l.serve(r, v)
}

func day(r *frame.Request, t *time.Time) string {
	if t == nil {
		return r.T("console.none")
	}
	return ui.Date(r.Context(), *t)
}

// sourceName says what a role follows from.
func sourceName(r *frame.Request, source string) string {
	kind, which, _ := strings.Cut(source, ":")
	switch kind {
	case "":
		return r.T("console.source.hand")
	case "position", "emergency", "absence":
		return r.T("console.source." + kind)
	case "provider", "directory":
		return r.T("console.source."+kind) + " " + which
	}
	return source
}
