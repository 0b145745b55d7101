package desk

import (
	"context"
	"errors"
	"slices"

	"digit/internal/consumer/request"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/catalog"
	counter "digit/internal/provider/desk"
	"digit/web/frame"
	"digit/web/ui"
)

type visitView struct {
	Site     ui.Site
	Notice   *ui.NoticeView
	Panel    *panelView
	Search   ui.SearchView
	Services ui.TableView
	Requests ui.TableView
	More     ui.Pager
}

// visit is what can be done for the person at the counter: apply for a service, go on with a draft, look where something stands.
func (d *Desk) visit(r *frame.Request) error {
	v := visitView{
		Site: r.Site(frame.Desk), Notice: r.Done(),
		Search: ui.SearchView{Action: "/desk/visit", Label: r.T("desk.services.search"), Value: r.Query("q")},
	}
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, visit, err := d.serving(ctx, tx, r)
		if err != nil {
			return err
		}
		if v.Panel, err = d.panel(ctx, tx, r, at, visit); err != nil {
			return err
		}
		if v.Services, err = d.services(ctx, tx, r); err != nil {
			return err
		}
		v.Requests, err = d.requests(ctx, tx, r, &v.More)
		return err
	})
	if errors.Is(err, counter.ErrNoVisit) {
		return r.Redirect("/desk?done=desk.no_visit")
	}
	if err != nil {
		return err
	}
	return r.HTML(visitPage(v))
}

// services lists what can be applied for, narrowed by what is searched for.
func (d *Desk) services(ctx context.Context, tx *pg.Tx, r *frame.Request) (ui.TableView, error) {
	t := ui.TableView{
		ID: "services", Caption: r.T("desk.services"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Label: r.T("desk.service")}, {Label: r.T("desk.start"), HideLabel: true}},
		Empty:   &ui.EmptyView{Icon: "search", Title: r.T("desk.services.none"), Text: r.T("desk.services.none_text")},
	}
	found, err := d.deps.Catalog.Search(ctx, tx, catalog.Query{Text: r.Query("q"), Lang: r.Lang}, page.Request{Size: 12})
	for _, e := range found.Rows {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: r.Text(e.Name), Sub: r.Text(e.Summary)}, {Body: startButton("/desk/visit/start/"+e.Code, r.Text(e.Name))},
		}})
	}
	return t, err
}

// requests lists the person's applications, those that are open first of all.
func (d *Desk) requests(ctx context.Context, tx *pg.Tx, r *frame.Request, more *ui.Pager) (ui.TableView, error) {
	t := ui.TableView{
		ID: "requests", Caption: r.T("desk.requests"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Label: r.T("desk.service")}, {Label: r.T("desk.state")}, {Label: r.T("desk.updated"), Date: true}},
		Empty:   &ui.EmptyView{Icon: "file-text", Title: r.T("desk.requests.none"), Text: r.T("desk.requests.none_text")},
	}
	list, err := d.deps.Requests.Mine(ctx, tx, r.Person(), request.Filter{}, r.Paging())
	if err != nil {
		return t, err
	}
	*more = r.Pager(list.Next)
	for _, q := range list.Rows {
		spec, err := d.deps.Catalog.Service(ctx, tx, q.Service, q.Version)
		if err != nil {
			return t, err
		}
		href, sub := "/desk/visit/requests/"+q.ID.String(), q.Reference
		if q.Status == request.Draft || q.Status == request.Correction {
			href = "/desk/visit/forms/" + q.ID.String()
		}
		if sub == "" {
			sub = r.T("desk.draft_of", "date", ui.Date(r.Context(), q.CreatedAt))
		}
		tag := statusTag(r, q)
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: r.Text(spec.Pack().Name), Sub: sub, Href: href}, {Tag: &tag}, {Text: ui.Date(r.Context(), q.UpdatedAt)},
		}})
	}
	return t, nil
}

// statusTag says in a word where an application stands.
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

// start begins an application in the person's name, or takes up the draft that is there.
func (d *Desk) start(r *frame.Request) error {
	var req request.Request
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		if _, _, err := d.serving(ctx, tx, r); err != nil {
			return err
		}
		e, err := d.deps.Catalog.Offered(ctx, tx, r.Param("code"))
		if err != nil {
			return err
		}
		req, err = d.deps.Requests.Start(ctx, tx, r.Person(), e.Code, r.Lang)
		return err
	})
	if err != nil {
		return err
	}
	return r.Redirect("/desk/visit/forms/" + req.ID.String())
}

type requestView struct {
	Site                     ui.Site
	Notice                   *ui.NoticeView
	Panel                    *panelView
	ID, Name, Reference      string
	Heading, Lead            string
	Tag                      ui.TagView
	Facts                    []ui.Fact
	Timeline                 ui.TimelineView
	Waiting                  bool // on its way through the exchange
	Fresh                    bool // sent just now
	ToPay, Receipt, Promised string
	Bill                     string // where what is to be paid is paid
	Again                    string // where a correction is answered
}

// request says where an application stands, for somebody who asks at the counter, and what is to be done next.
func (d *Desk) request(r *frame.Request) error {
	v := requestView{Site: r.Site(frame.Desk), Notice: r.Done(), Fresh: r.Query("sent") != ""}
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, visit, err := d.serving(ctx, tx, r)
		if err != nil {
			return err
		}
		if v.Panel, err = d.panel(ctx, tx, r, at, visit); err != nil {
			return err
		}
		a, err := d.open(ctx, tx, r)
		if err != nil {
			return err
		}
		v.fill(r, a)
		return nil
	})
	if err != nil {
		return err
	}
	return r.HTML(requestPage(v))
}

func (v *requestView) fill(r *frame.Request, a application) {
	v.ID, v.Name, v.Reference, v.Tag = a.ID.String(), r.Text(a.spec.Pack().Name), a.Reference, statusTag(r, a.Request)
	v.Heading, v.Lead, v.Receipt = r.Text(a.StateName), r.Text(a.StateText), a.Receipt
	v.Waiting = a.State == "" && a.Outcome == "" && a.Status == request.Submitted
	if a.ToPay() {
		v.ToPay, v.Bill = ui.Money(r.Context(), a.Demand.Amount), "/desk/bills/"+a.Demand.ID.String()
	}
	if a.Promised != nil && a.Outcome == "" {
		v.Promised = ui.DateLong(r.Context(), *a.Promised)
	}
	if a.Status == request.Correction {
		v.Again = "/desk/visit/forms/" + v.ID
	}
	for _, e := range slices.Backward(a.Timeline) {
		title := r.Text(e.Name)
		if title == "" {
			title = r.T("desk.timeline." + timelineKey(e.Kind))
		}
		v.Timeline.Events = append(v.Timeline.Events, ui.Event{State: ui.Done, Title: title, Text: e.Note, Time: e.At})
	}
}

// timelineKey is the word for what happened; what the counter has no word for is told as news.
func timelineKey(kind string) string {
	if slices.Contains([]string{"submitted", "corrected", "withdrawn", "received", "demand", "paid", "certificate", "approved", "rejected"}, kind) {
		return kind
	}
	return "news"
}
