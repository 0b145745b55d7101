package console

import (
	"context"
	"strings"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// delegations shows who may act for an account, and for whom it may act. Addresses of invitations are not shown: they are told to who
// invited alone.
func (c *Console) delegations(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var name string
	var given, received []identity.Delegation
	var known names
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if known, err = c.names(ctx, tx, r); err != nil {
			return err
		}
		a, err := c.deps.Identity.Account(ctx, tx, id)
		if err != nil {
			return err
		}
		name = nameOf(r, a.Name)
		if given, err = c.deps.Identity.Representatives(ctx, tx, id); err != nil {
			return err
		}
		received, err = c.deps.Identity.Represented(ctx, tx, id)
		return err
	})
	if err != nil {
		return err
	}
	v := view(r, r.T("console.delegations")).back("/console/people/"+id.String(), name)
	v.Caption, v.Lead = name, r.T("console.delegations.lead")
	v.Sections = []section{
		{Title: r.T("console.delegations.given"), Table: c.delegationTable(r, given, known, r.T("console.delegations.given"))},
		{Title: r.T("console.delegations.received"), Table: c.delegationTable(r, received, known, r.T("console.delegations.received"))},
	}
	return r.HTML(consolePage(v))
}

func (c *Console) delegationTable(r *frame.Request, list []identity.Delegation, known names, caption string) *ui.TableView {
	t := &ui.TableView{Caption: caption, HideCaption: true, Stack: true, Columns: columns(r, "name", "kind", "services", "since", "until", "state"), Empty: &ui.EmptyView{
		Icon: "users", Title: r.T("console.delegations.none"), Text: r.T("console.delegations.none.text"),
	}}
	for _, d := range list {
		tag := &ui.TagView{Text: r.T("represent.status.ended"), Kind: ui.Neutral}
		switch {
		case d.Open(r.Now) && d.Status == identity.Active:
			tag = &ui.TagView{Text: r.T("represent.status.active"), Kind: ui.Success}
		case d.Open(r.Now):
			tag = &ui.TagView{Text: r.T("represent.status.invited"), Kind: ui.Warning}
		}
		var services []string
		for _, code := range d.Services {
			services = append(services, known.service(code))
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: nameOf(r, d.Name)},
			{Text: r.T("represent.kind." + d.Kind)},
			{Text: orText(strings.Join(services, ", "), r.T("represent.all"))},
			{Text: day(r, d.AcceptedAt)},
			{Text: day(r, lastDay(d.Until))},
			{Tag: tag},
		}})
	}
	return t
}
