package workbench

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration"
	bench "digit/internal/provider/workbench"
	"digit/web/frame"
	"digit/web/ui"
)

// nav is what stands beside every page of the workbench: queues with their counts, and the lists that were pinned.
type nav struct {
	counts bench.Counts
	lists  []bench.Saved
	asked  orchestration.Waiting // opinions that other agencies ask for
}

func (w *Workbench) nav(ctx context.Context, tx *pg.Tx, r *frame.Request) (n nav, err error) {
	if n.counts, err = w.deps.Workbench.Counts(ctx, tx, *r.Principal); err != nil {
		return n, err
	}
	if n.lists, err = w.deps.Workbench.Lists(ctx, tx, *r.Principal); err != nil {
		return n, err
	}
	n.asked, err = w.deps.Applications.Waiting(ctx, tx, *r.Principal)
	return n, err
}

// pinned are the saved lists that stand beside the queues.
func (n nav) pinned(r *frame.Request, here string) (items []ui.NavItem) {
	for _, l := range n.lists {
		if !l.Pinned {
			continue
		}
		item := ui.NavItem{Group: r.T("bench.lists"), Label: l.Name, Href: "/workbench?" + l.Filter, Icon: "star", Current: here != "" && l.Filter == here}
		if l.Count >= 0 {
			item.Count = &l.Count
		}
		items = append(items, item)
	}
	return items
}

type listsView struct {
	Site     ui.Site
	Notice   *ui.NoticeView
	Queues   []ui.NavItem
	Lists    []listView
	Problems []ui.Problem
	Save     *saveView
	Empty    ui.EmptyView
}

type listView struct {
	ID, Name, Href, Note string
	Pinned, Mine         bool
}

// saveView is the form that keeps a list.
type saveView struct {
	Filter string
	Name   ui.Field
	For    *ui.Field
	Open   bool
}

// saveForm offers to keep the list that is shown.
func saveForm(r *frame.Request, filter url.Values, agencies map[string]i18n.Text) *saveView {
	filter.Del("after")
	filter.Del("trail")
	filter.Del("done")
	v := &saveView{Filter: filter.Encode(), Name: ui.Field{Name: "name", ID: "list-name", Label: r.T("bench.list.name"), MaxLength: 60}}
	if len(agencies) > 0 {
		v.For = &ui.Field{Name: "for", ID: "list-for", Label: r.T("bench.list.for"), Options: []ui.Option{{Value: "", Label: r.T("bench.list.for_me"), Checked: true}}}
		for _, code := range slices.Sorted(maps.Keys(agencies)) {
			v.For.Options = append(v.For.Options, ui.Option{Value: code, Label: r.T("bench.list.for_agency", "agency", nameOr(r, agencies[code], code))})
		}
	}
	return v
}

func (w *Workbench) lists(r *frame.Request) error { return w.showLists(r, http.StatusOK, nil, nil) }

func (w *Workbench) showLists(r *frame.Request, status int, save *saveView, problems []ui.Problem) error {
	var n nav
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		n, err = w.nav(ctx, tx, r)
		return err
	}); err != nil {
		return err
	}
	v := listsView{
		Site: r.Site(frame.Workbench), Notice: r.Done(), Queues: queues(r, n, bench.Filter{Queue: "lists"}), Save: save, Problems: problems,
		Empty: ui.EmptyView{Icon: "star", Title: r.T("bench.lists.empty"), Text: r.T("bench.lists.empty_text"), Action: &ui.ButtonView{Label: r.T("bench.lists.all"), Href: "/workbench?queue=team"}},
	}
	for _, l := range n.lists {
		note := r.T("bench.list.for_me")
		if l.Agency != "" {
			note = r.T("bench.list.shared")
		}
		v.Lists = append(v.Lists, listView{ID: l.ID.String(), Name: l.Name, Href: "/workbench?" + l.Filter, Note: note, Pinned: l.Pinned, Mine: l.Mine(*r.Principal)})
	}
	return r.HTMLStatus(status, listsPage(v))
}

// save keeps a list; what was wrong with its name is said on the page of the lists, with what was typed.
func (w *Workbench) save(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	filter, err := url.ParseQuery(posted.Get("filter"))
	if err != nil {
		filter = url.Values{}
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := w.deps.Workbench.Save(ctx, tx, bench.SaveList{By: *r.Principal, Name: posted.Get("name"), Agency: posted.Get("for"), Filter: filter})
		return err
	})
	if e := fault.Of(err); e != nil && e.Kind == fault.KindInvalid {
		var agencies map[string]i18n.Text
		if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
			agencies, err = w.agencyNames(ctx, tx, r)
			return err
		}); err != nil {
			return err
		}
		v := saveForm(r, filter, agencies)
		v.Open, v.Name.Value = true, posted.Get("name")
		for _, f := range e.Fields {
			v.Name.Error = r.FieldSentence(f)
		}
		return w.showLists(r, http.StatusUnprocessableEntity, v, []ui.Problem{{Field: "list-name", Text: v.Name.Error}})
	}
	if err != nil {
		return err
	}
	filter.Set("done", "bench.saved")
	return r.Redirect("/workbench?" + filter.Encode())
}

func (w *Workbench) pin(r *frame.Request) error {
	return w.onList(r, "bench.pinned", func(ctx context.Context, tx *pg.Tx, list uuid.UUID, posted url.Values) error {
		return w.deps.Workbench.Pin(ctx, tx, *r.Principal, list, posted.Get("on") == "1")
	})
}

func (w *Workbench) discard(r *frame.Request) error {
	return w.onList(r, "bench.discarded", func(ctx context.Context, tx *pg.Tx, list uuid.UUID, _ url.Values) error {
		return w.deps.Workbench.Discard(ctx, tx, *r.Principal, list)
	})
}

func (w *Workbench) onList(r *frame.Request, done string, act func(ctx context.Context, tx *pg.Tx, list uuid.UUID, posted url.Values) error) error {
	list, err := r.UUID("list")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return act(ctx, tx, list, posted) }); err != nil {
		return err
	}
	return r.Redirect("/workbench/lists?done=" + done)
}

// agencyNames are the agencies in which the reader works, by code.
func (w *Workbench) agencyNames(ctx context.Context, tx *pg.Tx, r *frame.Request) (map[string]i18n.Text, error) {
	names := map[string]i18n.Text{}
	for _, code := range r.Principal.Agencies() {
		if !r.Principal.MayIn(bench.Use, code) {
			continue
		}
		name, err := w.deps.Agencies.Name(ctx, tx, code)
		if err != nil && fault.Of(err).Kind != fault.KindNotFound {
			return nil, err
		}
		names[code] = name
	}
	return names, nil
}
