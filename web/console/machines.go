package console

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// machines lists the other systems that call the API.
func (c *Console) machines(r *frame.Request) error {
	v := view(r, r.T("console.machines"))
	v.Lead, v.Tabs = r.T("console.machines.lead"), c.accessTabs(r)
	v.Search = search(r, "console.machines.search")
	v.Chips = []ui.Chip{chip(r, "working", "yes", r.T("console.machines.working"))}
	first := ui.ButtonView{Label: r.T("console.machines.new"), Href: "/console/machines/new", Icon: "plus"}
	v.Actions = []ui.ButtonView{first}
	f := identity.MachineFilter{Query: r.Query("q"), Working: r.Query("working") == "yes"}
	var wall time.Time
	known, err := c.known(r)
	if err != nil {
		return err
	}
	l := list[identity.Machine]{
		name: "machines", columns: []string{"name", "kind", "agency", "permissions", "secret", "expires", "used", "state"}, empty: empty(r, "machines", "key", &first),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (page.Page[identity.Machine], error) {
			wall = tx.Wall
			return c.deps.Identity.Machines(ctx, tx, f, p)
		},
		cells: func(m identity.Machine) []ui.Cell {
			used := r.T("console.never")
			if m.UsedAt != nil {
				used = ui.DateTime(r.Context(), *m.UsedAt)
			}
			return []ui.Cell{
				{Text: m.Name, Href: "/console/machines/" + m.ID.String()},
				{Text: r.T("console.machines.kind." + m.Kind)},
				{Text: orText(known.agency(m.Agency), r.T("console.grants.everywhere"))},
				{Text: strings.Join(m.Permissions, ", ")},
				{Text: prefixes(m)},
				{Text: ui.Date(r.Context(), m.ExpiresAt)},
				{Text: used},
				{Tag: machineTag(r, m, wall)},
			}
		},
	}
	return l.serve(r, v)
}

func prefixes(m identity.Machine) string {
	var list []string
	for _, s := range m.Secrets {
		list = append(list, s.Prefix+"…")
	}
	return strings.Join(list, ", ")
}

// soonOver is how long before its end a machine's access is shown as about to end.
const soonOver = 14 * 24 * time.Hour

func machineTag(r *frame.Request, m identity.Machine, wall time.Time) *ui.TagView {
	switch {
	case m.RevokedAt != nil:
		return &ui.TagView{Text: r.T("console.machines.revoked"), Kind: ui.Neutral}
	case !m.Working(wall):
		return &ui.TagView{Text: r.T("console.machines.expired"), Kind: ui.Danger}
	case m.ExpiresAt.Sub(wall) < soonOver:
		return &ui.TagView{Text: r.T("console.machines.ends"), Kind: ui.Warning}
	}
	return &ui.TagView{Text: r.T("console.machines.works"), Kind: ui.Success}
}

// machine shows one system.
func (c *Console) machine(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var m identity.Machine
	var by string
	var known names
	var wall time.Time
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		wall = tx.Wall
		if known, err = c.names(ctx, tx, r); err != nil {
			return err
		}
		if m, err = c.deps.Identity.Machine(ctx, tx, id); err != nil || m.CreatedBy == uuid.Nil {
			return err
		}
		by, err = c.deps.Identity.Name(ctx, tx, m.CreatedBy)
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(consolePage(c.machineView(r, m, known, by, wall)))
}

func (c *Console) machineView(r *frame.Request, m identity.Machine, known names, by string, wall time.Time) pageView {
	here := "/console/machines/" + m.ID.String()
	v := view(r, m.Name).back("/console/machines", r.T("console.machines"))
	v.Caption, v.Tag = r.T("console.machines.kind."+m.Kind), machineTag(r, m, wall)
	used := r.T("console.never")
	if m.UsedAt != nil {
		used = ui.DateTime(r.Context(), *m.UsedAt)
	}
	v.Facts = []ui.Fact{
		{Key: r.T("console.machines.id"), Value: m.ID.String()},
		{Key: r.T("console.column.agency"), Value: orText(known.agency(m.Agency), r.T("console.grants.everywhere"))},
		{Key: r.T("console.column.created"), Value: strings.TrimSuffix(ui.DateTime(r.Context(), m.CreatedAt)+" · "+by, " · ")},
		{Key: r.T("console.column.expires"), Value: ui.DateTime(r.Context(), m.ExpiresAt)},
		{Key: r.T("console.column.used"), Value: used},
	}
	var scope []ui.Fact
	for _, p := range m.Permissions {
		scope = append(scope, ui.Fact{Key: p, Value: r.T("permission." + p)})
	}
	secrets := &ui.TableView{Caption: r.T("console.machines.secrets"), HideCaption: true, Stack: true, Columns: columns(r, "secret", "created", "until")}
	for _, s := range m.Secrets {
		until := r.T("console.machines.present")
		if s.EndsAt != nil {
			until = ui.DateTime(r.Context(), *s.EndsAt)
		}
		secrets.Rows = append(secrets.Rows, ui.Row{Cells: []ui.Cell{{Text: s.Prefix + "…"}, {Text: ui.DateTime(r.Context(), s.CreatedAt)}, {Text: until}}})
	}
	v.Sections = []section{
		{Title: r.T("console.machines.scope"), Facts: scope},
		{Title: r.T("console.machines.secrets"), Text: r.T("console.machines.secrets.text"), Table: secrets},
		{Title: r.T("console.machines.use"), Text: r.T("console.machines.use." + m.Kind), Pre: howTo(r, m), PreLabel: r.T("console.machines.example")},
	}
	if m.RevokedAt == nil {
		v.Actions = []ui.ButtonView{
			{Label: r.T("console.machines.rotate"), Href: here + "/rotate", Variant: "secondary"}, {Label: r.T("console.machines.revoke"), Href: here + "/revoke", Variant: "warning"},
		}
	}
	return v
}

// howTo is a call as a command.
func howTo(r *frame.Request, m identity.Machine) string {
	site := r.PublicURL()
	if m.Kind == identity.MachineClient {
		return "curl -u '" + m.ID.String() + ":SECRET' -d grant_type=client_credentials " + site + "/oauth/token\ncurl -H 'Authorization: Bearer TOKEN' " + site + "/api/v1/applications/REFERENCE\n"
	}
	return "curl -H 'Authorization: Bearer KEY' " + site + "/api/v1/applications/REFERENCE\n"
}
