package portal

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

type requestsView struct {
	Site   ui.Site
	Notice *ui.NoticeView
	Table  ui.TableView
	Tabs   []ui.NavItem
	Pager  ui.Pager
	Device form.DeviceView
}

// requests lists the reader's applications, open ones first of all.
func (p *Portal) requests(r *frame.Request) error {
	all := r.Query("show") == "all"
	var list page.Page[request.Request]
	names := map[uuid.UUID]string{}
	var unread map[uuid.UUID]int
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if list, err = p.deps.Requests.Mine(ctx, tx, r.Person(), request.Filter{OpenOnly: !all}, r.Paging()); err != nil {
			return err
		}
		for _, q := range list.Rows {
			spec, err := p.deps.Catalog.Service(ctx, tx, q.Service, q.Version)
			if err != nil {
				return err
			}
			names[q.ID] = r.Text(spec.Pack().Name)
		}
		unread, err = p.deps.Requests.Unread(ctx, tx, slices.Collect(maps.Keys(names))...)
		return err
	})
	if err != nil {
		return err
	}
	v := requestsView{
		Site: r.Site(frame.Portal), Notice: r.Done(), Pager: r.Pager(list.Next),
		Device: form.DeviceView{Person: person(r), Later: later, Itself: byItself, Reload: true},
		Tabs: []ui.NavItem{
			{Label: r.T("request.list.open"), Href: "/requests", Current: !all},
			{Label: r.T("request.list.all"), Href: "/requests?show=all", Current: all},
		},
		Table: ui.TableView{
			ID: "requests", Caption: r.T("request.list.title"), HideCaption: true, Stack: true,
			Columns: []ui.Column{{Label: r.T("request.service")}, {Label: r.T("request.state")}, {Label: r.T("request.promised")}, {Label: r.T("request.updated")}},
			Empty: &ui.EmptyView{
				Icon: "file-text", Title: r.T("request.list.none"), Text: r.T("request.list.none_text"),
				Action: &ui.ButtonView{Label: r.T("request.list.find"), Href: "/services"},
			},
		},
	}
	for _, q := range list.Rows {
		tag := statusTag(r, q)
		promised := ""
		if q.Promised != nil && q.Outcome == "" {
			promised = ui.DateLong(r.Context(), *q.Promised)
		}
		sub := q.Reference
		if sub == "" {
			sub = r.T("request.draft_of", "date", ui.Date(r.Context(), q.CreatedAt))
		}
		if n := unread[q.ID]; n > 0 {
			sub += " · " + r.T("thread.unread", "n", n)
		}
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: names[q.ID], Sub: sub, Href: "/requests/" + q.ID.String()}, {Tag: &tag}, {Text: promised}, {Text: ui.Date(r.Context(), q.UpdatedAt)},
		}})
	}
	return r.HTML(requestsPage(v))
}

// statusTag says in a word where an application stands for its citizen.
func statusTag(r *frame.Request, q request.Request) ui.TagView {
	switch {
	case q.Status == request.Draft || q.Status == request.Discarded:
		return ui.TagView{Text: r.T("request.status.draft"), Kind: ui.Neutral}
	case q.Status == request.Correction:
		return ui.TagView{Text: r.T("request.status.correction"), Kind: ui.Warning}
	case q.ToPay():
		return ui.TagView{Text: r.T("request.status.to_pay"), Kind: ui.Warning}
	case q.Outcome == "approved":
		return ui.TagView{Text: r.T("request.status.approved"), Kind: ui.Success}
	case q.Outcome != "":
		return ui.TagView{Text: r.T("request.status." + q.Outcome), Kind: ui.Neutral}
	case len(q.StateName) > 0:
		return ui.TagView{Text: r.Text(q.StateName), Kind: ui.Info}
	}
	return ui.TagView{Text: r.T("request.status.sent"), Kind: ui.Info}
}
