package console

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// roles lists the roles with what they allow.
func (c *Console) roles(r *frame.Request) error {
	v := view(r, r.T("site.console.roles"))
	v.Lead = r.T("console.roles.lead")
	v.Search = search(r, "console.roles.search")
	if r.Principal.MayIn("identity:manage", "") {
		v.Actions = append(v.Actions, ui.ButtonView{Label: r.T("console.roles.new"), Href: "/console/roles/new", Icon: "plus"})
	}
	l := list[identity.Role]{
		name: "roles", columns: []string{"role", "code", "permissions#", "people"}, empty: empty(r, "roles", "key", nil),
		orders: map[string]func(a, b identity.Role) int{
			"role":        words(func(x identity.Role) string { return r.Text(x.Name) }),
			"code":        words(func(x identity.Role) string { return x.Code }),
			"permissions": func(a, b identity.Role) int { return len(a.Permissions) - len(b.Permissions) },
		},
		fetch: func(ctx context.Context, tx *pg.Tx, _ page.Request) (page.Page[identity.Role], error) {
			found, err := c.deps.Identity.Roles(ctx, tx)
			q := strings.ToLower(r.Query("q"))
			return all(slices.DeleteFunc(found, func(role identity.Role) bool {
				return !strings.Contains(strings.ToLower(role.Code+" "+r.Text(role.Name)), q)
			}), err)
		},
		cells: func(role identity.Role) []ui.Cell {
			first := ui.Cell{Text: r.Text(role.Name)}
			if r.Principal.MayIn("identity:read", "") {
				first.Href = "/console/roles/" + role.Code
			}
			return []ui.Cell{
				first,
				{Text: role.Code},
				{Text: ui.Number(r.Context(), len(role.Permissions))},
				{Text: r.T("console.roles.who"), Href: "/console/people?role=" + role.Code},
			}
		},
	}
	return l.serve(r, v)
}

func (c *Console) roleAsk(r *frame.Request) error {
	var role identity.Role
	if code := r.Param("code"); code != "" {
		err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
			found, err := c.deps.Identity.Roles(ctx, tx)
			i := slices.IndexFunc(found, func(x identity.Role) bool { return x.Code == code })
			if err == nil && i < 0 {
				return identity.ErrNoRole
			}
			if err == nil {
				role = found[i]
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return r.HTML(consolePage(c.roleForm(r, role)))
}

// roleForm shows every permission there is, by module; who may not change roles sees what this one allows.
func (c *Console) roleForm(r *frame.Request, role identity.Role) pageView {
	known := r.Param("code")
	v := view(r, r.T("console.roles.new")).back("/console/roles", r.T("site.console.roles"))
	if known != "" {
		v.Title, v.Caption = r.Text(role.Name), known
	}
	if !r.Principal.MayIn("identity:manage", "") {
		for _, p := range role.Permissions {
			v.Facts = append(v.Facts, ui.Fact{Key: p, Value: r.T("permission." + p)})
		}
		return v
	}
	fields := []field{input(r, "code", role.Code, code, readOnly(known != ""), hint(r.T("console.code.hint")))}
	fields = append(fields, c.texts(r, "name", role.Name)...)
	for _, module := range c.modules() {
		var choices []ui.Option
		for _, p := range c.deps.Permissions {
			if strings.HasPrefix(p.Code, module+":") {
				choices = append(choices, ui.Option{Value: p.Code, Label: r.T("permission." + p.Code), Checked: contains(role.Permissions, p.Code)})
			}
		}
		f := input(r, "permissions", "", options(checkField, choices))
		f.ID, f.Label = "permissions-"+module, r.T("module."+module)
		fields = append(fields, f)
	}
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.save")}, Fields: fields}
	return v
}

// modules are those that have permissions, sorted.
func (c *Console) modules() (names []string) {
	for _, p := range c.deps.Permissions {
		module, _, _ := strings.Cut(p.Code, ":")
		names = append(names, module)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// roleSave makes or changes a role; whoever holds it has its permissions from the next request on. Permissions that no
// module declares are refused.
func (c *Console) roleSave(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	role := identity.Role{Code: trimmed(posted, "code"), Name: textOf(posted, "name")}
	if known := r.Param("code"); known != "" {
		role.Code = known
	}
	for _, p := range c.deps.Permissions {
		if contains(posted["permissions"], p.Code) {
			role.Permissions = append(role.Permissions, p.Code)
		}
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return c.deps.Identity.PutRole(ctx, tx, role) })
	v := c.roleForm(r, role)
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/console/roles?done=console.saved")
}
