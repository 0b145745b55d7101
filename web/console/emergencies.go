package console

import (
	"context"
	"time"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// emergencies lists the roles that staff took themselves in an emergency.
func (c *Console) emergencies(r *frame.Request) error {
	v := view(r, r.T("console.emergencies"))
	v.Lead, v.Tabs = r.T("console.emergencies.lead"), c.accessTabs(r)
	v.Chips = []ui.Chip{chip(r, "running", "yes", r.T("console.emergencies.running"))}
	roles := map[string]string{}
	known, err := c.known(r)
	if err != nil {
		return err
	}
	l := list[identity.Emergency]{
		name: "emergencies", people: true, columns: []string{"name", "role", "agency", "began", "until", "reason", "state"}, empty: empty(r, "emergencies", "shield-check", nil),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (page.Page[identity.Emergency], error) {
			if err := c.roleNames(ctx, tx, r, roles); err != nil {
				return page.Page[identity.Emergency]{}, err
			}
			return c.deps.Identity.Emergencies(ctx, tx, r.Query("running") == "yes", p)
		},
		cells: func(e identity.Emergency) []ui.Cell {
			return []ui.Cell{
				{Text: e.Name, Href: "/console/emergencies/" + e.ID.String()},
				{Text: orText(roles[e.Role], e.Role)},
				{Text: orText(known.agency(e.Agency), r.T("console.grants.everywhere"))},
				{Text: ui.DateTime(r.Context(), e.Began)},
				{Text: ui.DateTime(r.Context(), over(e))},
				{Text: e.Reason},
				{Tag: emergencyTag(r, e)},
			}
		},
	}
	return l.serve(r, v)
}

// over is when it ended, or will.
func over(e identity.Emergency) time.Time {
	if e.Ended != nil {
		return *e.Ended
	}
	return e.Until
}

func emergencyTag(r *frame.Request, e identity.Emergency) *ui.TagView {
	if e.Running(r.Now) {
		return &ui.TagView{Text: r.T("console.emergencies.running"), Kind: ui.Danger, Icon: "triangle-alert"}
	}
	return &ui.TagView{Text: r.T("console.emergencies.over"), Kind: ui.Neutral}
}

// emergency shows one with what was done under it.
func (c *Console) emergency(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var e identity.Emergency
	var acts page.Page[audit.Row]
	roles := map[string]string{}
	var known names
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if known, err = c.names(ctx, tx, r); err != nil {
			return err
		}
		if err = c.roleNames(ctx, tx, r, roles); err != nil {
			return err
		}
		if e, err = c.deps.Identity.Emergency(ctx, tx, id); err != nil {
			return err
		}
		acts, err = c.deps.Audit.Entries(ctx, tx, audit.Filter{Actor: e.Account, From: e.Began, To: over(e)}, r.Paging())
		return err
	})
	if err != nil {
		return err
	}
	v := view(r, e.Name).back("/console/emergencies", r.T("console.emergencies"))
	v.Caption, v.Tag = r.T("console.emergencies"), emergencyTag(r, e)
	v.Facts = []ui.Fact{
		{Key: r.T("console.column.role"), Value: orText(roles[e.Role], e.Role)},
		{Key: r.T("console.column.agency"), Value: orText(known.agency(e.Agency), r.T("console.grants.everywhere"))},
		{Key: r.T("console.column.began"), Value: ui.DateTime(r.Context(), e.Began)},
		{Key: r.T("console.column.until"), Value: ui.DateTime(r.Context(), over(e))},
		{Key: r.T("console.column.reason"), Value: e.Reason},
	}
	t := &ui.TableView{Caption: r.T("console.emergencies.acts"), HideCaption: true, Stack: true, Columns: columns(r, "time", "action"), Empty: &ui.EmptyView{
		Icon: "history", Title: r.T("console.emergencies.acts.none"), Text: r.T("console.emergencies.acts.none.text"),
	}}
	for _, a := range acts.Rows {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: ui.DateTime(r.Context(), a.At)}, {Text: c.word(r, "audit.", a.Action)}}})
	}
	v.Sections = []section{{Title: r.T("console.emergencies.acts"), Text: r.T("console.emergencies.acts.text"), Table: t, Pager: r.Pager(acts.Next)}}
	if e.Running(r.Now) && (e.Account == r.Person() || r.Principal.MayIn("identity:manage", e.Agency)) {
		v.Sections = append([]section{{Title: r.T("console.emergencies.end"), Text: r.T("console.emergencies.end.text"), Posts: []postView{
			{Action: r.URL.Path + "/end", Label: r.T("console.emergencies.end")},
		}}}, v.Sections...)
	}
	return r.HTML(consolePage(v))
}

func (c *Console) emergencyEnd(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return c.deps.Identity.EndEmergency(ctx, tx, id) }); err != nil {
		return err
	}
	return r.Redirect("/console/emergencies/" + id.String() + "?done=console.ended")
}
