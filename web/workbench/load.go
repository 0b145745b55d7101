package workbench

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	bench "digit/internal/provider/workbench"
	"digit/internal/provider/workflow"
	"digit/web/frame"
	"digit/web/ui"
)

type loadView struct {
	Site   ui.Site
	Queues []ui.NavItem
	Tiles  []ui.TileView
	Table  ui.TableView
}

// load shows a supervisor who has how much: from there a list of somebody's cases leads to giving them to others.
func (w *Workbench) load(r *frame.Request) error {
	var n nav
	var loads []bench.Load
	var away map[uuid.UUID]string
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if loads, err = w.deps.Workbench.Loads(ctx, tx, *r.Principal); err != nil {
			return err
		}
		if away, err = w.away(ctx, tx, r); err != nil {
			return err
		}
		n, err = w.nav(ctx, tx, r)
		return err
	}); err != nil {
		return err
	}
	v := loadView{Site: r.Site(frame.Workbench), Queues: queues(r, n, bench.Filter{Queue: "load"})}
	v.Table = ui.TableView{
		ID: "load", Caption: r.T("bench.load.table"), Stack: true,
		Columns: []ui.Column{
			{Label: r.T("bench.load.officer")},
			{Label: r.T("bench.load.services")},
			{Label: r.T("bench.load.open"), Num: true},
			{Label: r.T("workbench.due.overdue"), Num: true},
			{Label: r.T("workbench.due.soon"), Num: true},
			{Label: r.T("bench.load.done"), Num: true},
		},
		Empty: &ui.EmptyView{Icon: "users", Title: r.T("workbench.empty.team"), Text: r.T("workbench.empty_text.team")},
	}
	var total bench.Load
	for _, l := range loads {
		q := url.Values{"queue": {workflow.QueueTeam}, "with": {l.ID.String()}}
		name := l.Name
		if l.ID == uuid.Nil {
			q, name = url.Values{"queue": {workflow.QueueUnclaimed}}, r.T("bench.load.nobody")
		}
		var parts string
		for i, s := range l.ByService {
			if i > 0 {
				parts += "\n"
			}
			parts += nameOr(r, s.Name, s.Service) + ": " + ui.Number(r.Context(), s.Open)
		}
		number := func(n int) ui.Cell { return ui.Cell{Text: ui.Number(r.Context(), n)} }
		done := number(l.Done)
		if l.ID == uuid.Nil {
			done.Text = "–"
		}
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: name, Sub: away[l.ID], Href: "/workbench?" + q.Encode()}, {Sub: parts}, number(l.Open), number(l.Overdue), number(l.Soon), done,
		}})
		total.Open, total.Overdue, total.Soon, total.Done = total.Open+l.Open, total.Overdue+l.Overdue, total.Soon+l.Soon, total.Done+l.Done
	}
	v.Tiles = []ui.TileView{
		{Label: r.T("bench.load.open"), Value: ui.Number(r.Context(), total.Open)},
		{Label: r.T("workbench.due.overdue"), Value: ui.Number(r.Context(), total.Overdue)},
		{Label: r.T("workbench.due.soon"), Value: ui.Number(r.Context(), total.Soon)},
		{Label: r.T("bench.load.done"), Value: ui.Number(r.Context(), total.Done)},
	}
	return r.HTML(loadPage(v))
}

// away says of each colleague in the agencies of the reader who is away now until when, and who stands in.
func (w *Workbench) away(ctx context.Context, tx *pg.Tx, r *frame.Request) (map[uuid.UUID]string, error) {
	said := map[uuid.UUID]string{}
	for _, code := range r.Principal.Agencies() {
		if !r.Principal.MayIn(agency.Read, code) {
			continue
		}
		open, err := w.deps.Agencies.Away(ctx, tx, *r.Principal, code)
		if err != nil {
			return nil, err
		}
		for _, a := range open {
			if !a.Current(tx.Now) {
				continue
			}
			last := ui.Date(r.Context(), a.Until.Add(-time.Second))
			if said[a.Account] = r.T("bench.load.away_nobody", "date", last); a.StandIn == uuid.Nil {
				continue
			}
			name, err := w.deps.Identity.Name(ctx, tx, a.StandIn)
			if err != nil {
				return nil, err
			}
			said[a.Account] = r.T("bench.load.away_with", "date", last, "name", name)
		}
	}
	return said, nil
}

// keysCookie remembers in this browser that the single-key shortcuts are on.
const keysCookie = "keys"

// keysFor is how long a browser remembers that.
const keysFor = 365 * 24 * time.Hour

// keysOn reports whether the officer has switched the shortcuts on in this browser.
func keysOn(r *frame.Request) bool { return r.Recall(keysCookie) == "on" }

type keysView struct {
	Site   ui.Site
	Notice *ui.NoticeView
	Queues []ui.NavItem
	On     bool
	Keys   [][2]string // key and what it does
}

// shortcuts are the keys in the order in which one needs them.
var shortcuts = []string{"j", "k", "o", "x", "/", "c", "a", "u", "n", "?"}

// keys explains the shortcuts, and has them switched on and off.
func (w *Workbench) keys(r *frame.Request) error {
	var n nav
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		n, err = w.nav(ctx, tx, r)
		return err
	}); err != nil {
		return err
	}
	v := keysView{Site: r.Site(frame.Workbench), Notice: r.Done(), Queues: queues(r, n, bench.Filter{Queue: "keys"}), On: keysOn(r)}
	for _, key := range shortcuts {
		v.Keys = append(v.Keys, [2]string{key, r.T("bench.key." + keyNames[key])})
	}
	return r.HTMLStatus(http.StatusOK, keysPage(v))
}

// keyNames are the shortcuts in the catalogue's keys.
var keyNames = map[string]string{"j": "next", "k": "previous", "o": "open", "x": "tick", "/": "search", "c": "claim", "a": "act", "u": "undo", "n": "note", "?": "help"}

func (w *Workbench) setKeys(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	if posted.Get("on") == "1" {
		r.Keep(keysCookie, "on", keysFor)
		return r.Redirect("/workbench/keys?done=bench.keys_on")
	}
	r.Keep(keysCookie, "", 0)
	return r.Redirect("/workbench/keys?done=bench.keys_off")
}
