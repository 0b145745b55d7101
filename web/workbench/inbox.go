package workbench

import (
	"context"
	"net/url"
	"strings"
	"time"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	bench "digit/internal/provider/workbench"
	"digit/internal/provider/workflow"
	"digit/web/frame"
	"digit/web/ui"
)

type inboxView struct {
	Site      ui.Site
	Notice    *ui.NoticeView
	Queues    []ui.NavItem
	Title     string
	Search    ui.SearchView
	Due       []ui.Chip
	Filters   []ui.Chip
	Table     ui.TableView
	Pager     ui.Pager
	ExportURL string
}

// filterOf reads the filter from the address, so that a list can be kept as a bookmark and sent to a colleague.
func filterOf(r *frame.Request) bench.Filter {
	f := bench.Filter{
		Queue: r.Query("queue"), Service: r.Query("service"), State: r.Query("state"), Boundary: r.Query("area"),
		Severity: r.Query("due"), Text: r.Query("q"),
	}
	if f.Queue == "" {
		f.Queue = workflow.QueueMine
	}
	return f
}

// inbox shows a queue. It is no reading transaction, since seeing applicants' names is put on record.
func (w *Workbench) inbox(r *frame.Request) error {
	f := filterOf(r)
	var list page.Page[bench.Row]
	var counts bench.Counts
	var areas areas
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if counts, err = w.deps.Workbench.Counts(ctx, tx, *r.Principal); err != nil {
			return err
		}
		if list, err = w.deps.Workbench.Inbox(ctx, tx, *r.Principal, f, r.Paging()); err != nil {
			return err
		}
		areas, err = w.areas(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	r.Remember(listCookie, url.QueryEscape(r.URL.RequestURI()))
	v := inboxView{
		Site: r.Site(frame.Workbench), Notice: r.Done(), Queues: queues(r, counts, f), Title: r.T("workbench.queue." + f.Queue),
		Due: dueChips(r, counts, f), Filters: filterChips(r, counts, areas, f), Table: w.table(r, list.Rows, areas, f), Pager: r.Pager(list.Next),
		ExportURL: exportURL(r),
		Search: ui.SearchView{
			Action: "/workbench", Label: r.T("workbench.search"), HideLabel: true, Compact: true, Placeholder: r.T("workbench.search_hint"), Value: f.Text, Target: "cases",
			Hidden: keep(r, "queue", "service", "state", "area", "due"),
		},
	}
	return r.HTML(inboxPage(v))
}

// listCookie remembers which list an officer comes from, so that the way back from a case leads there.
const listCookie = "list"

// listPath is the list that the officer came from, or the officer's own.
func listPath(r *frame.Request) string {
	path, err := url.QueryUnescape(r.Recall(listCookie))
	if err != nil || path != "/workbench" && !strings.HasPrefix(path, "/workbench?") {
		return "/workbench"
	}
	return frame.LocalPath(path)
}

func exportURL(r *frame.Request) string {
	q := r.URL.Query()
	q.Del("after")
	q.Del("trail")
	q.Del("done")
	if len(q) == 0 {
		return "/workbench/export.csv"
	}
	return "/workbench/export.csv?" + q.Encode()
}

// keep carries values of the address through a form.
func keep(r *frame.Request, names ...string) (hidden [][2]string) {
	for _, n := range names {
		if v := r.Query(n); v != "" {
			hidden = append(hidden, [2]string{n, v})
		}
	}
	return hidden
}

// queues is the navigation: the officer's queues with their counts, then what there is by service and state.
func queues(r *frame.Request, c bench.Counts, f bench.Filter) []ui.NavItem {
	item := func(queue, icon string, count *int, urgent bool) ui.NavItem {
		return ui.NavItem{
			Label: r.T("workbench.queue." + queue), Href: "/workbench?queue=" + queue, Icon: icon, Count: count, Urgent: urgent,
			Current: f.Queue == queue && (f.Service == "" || f.State == ""),
		}
	}
	nav := []ui.NavItem{
		item(workflow.QueueMine, "user", &c.Mine, c.MineOverdue > 0),
		item(workflow.QueueUnclaimed, "inbox", &c.Unclaimed, false),
		item(workflow.QueueTeam, "users", &c.Team, false),
		item(workflow.QueueDone, "circle-check", nil, false),
	}
	for _, s := range c.ByState {
		q := url.Values{"queue": {workflow.QueueTeam}, "service": {s.Service}, "state": {s.State}}
		nav = append(nav, ui.NavItem{
			Group: nameOr(r, s.ServiceName, s.Service), Label: nameOr(r, s.StateName, s.State), Href: "/workbench?" + q.Encode(), Count: &s.Team, Urgent: s.Overdue > 0,
			Current: f.Queue == workflow.QueueTeam && f.Service == s.Service && f.State == s.State,
		})
	}
	return nav
}

func nameOr(r *frame.Request, name i18n.Text, code string) string {
	if s := r.Text(name); s != "" {
		return s
	}
	return code
}

// dueChips narrow a queue of open work by urgency. Counts are known of the whole team's work only.
func dueChips(r *frame.Request, c bench.Counts, f bench.Filter) []ui.Chip {
	if f.Queue == workflow.QueueDone {
		return nil
	}
	chip := func(severity, key string, count *int) ui.Chip {
		return ui.Chip{Label: r.T(key), Href: r.With("due", severity), On: f.Severity == severity, Count: count}
	}
	var all, soon *int
	if f.Queue == workflow.QueueTeam && f.Service == "" && f.State == "" && f.Text == "" && f.Boundary == "" {
		all, soon = &c.Team, &c.Soon
	}
	return []ui.Chip{
		chip("", "workbench.due.all", all),
		chip(bench.SeverityCritical, "workbench.due.critical", nil),
		chip(bench.SeverityOverdue, "workbench.due.overdue", nil),
		chip(bench.SeveritySoon, "workbench.due.soon", soon),
		chip(bench.SeverityOK, "workbench.due.ok", nil),
	}
}

// filterChips offer the services of the inbox, and show what else narrows the list with a way to take it away.
func filterChips(r *frame.Request, c bench.Counts, known areas, f bench.Filter) []ui.Chip {
	var chips []ui.Chip
	state, seen := f.State, map[string]bool{}
	for _, s := range c.ByState {
		if s.State == f.State && (f.Service == "" || s.Service == f.Service) {
			state = nameOr(r, s.StateName, s.State)
		}
		if !seen[s.Service] && f.Service == "" {
			chips = append(chips, ui.Chip{Label: nameOr(r, s.ServiceName, s.Service), Href: r.With("service", s.Service)})
		}
		if !seen[s.Service] && f.Service == s.Service {
			chips = append(chips, ui.Chip{Label: nameOr(r, s.ServiceName, s.Service), Href: r.With("service", ""), On: true, Remove: true})
		}
		seen[s.Service] = true
	}
	if len(chips) == 1 && f.Service == "" { // one service is no choice
		chips = nil
	}
	if f.Service != "" && !seen[f.Service] {
		chips = append(chips, ui.Chip{Label: f.Service, Href: r.With("service", ""), On: true, Remove: true})
	}
	for _, on := range []struct{ name, label string }{{"state", state}, {"area", known.name(r, f.Boundary)}, {"q", f.Text}} {
		if on.label != "" {
			chips = append(chips, ui.Chip{Label: on.label, Href: r.With(on.name, ""), On: true, Remove: true})
		}
	}
	return chips
}

func (w *Workbench) table(r *frame.Request, rows []bench.Row, known areas, f bench.Filter) ui.TableView {
	done := f.Queue == workflow.QueueDone
	t := ui.TableView{
		ID: "case-table", Caption: r.T("workbench.queue." + f.Queue), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Label: r.T("workbench.case")}, {Label: r.T("workbench.step")}, {Label: r.T("workbench.area")}, {Label: r.T("workbench.due")}, {Label: r.T("workbench.holder")}},
		Empty:   &ui.EmptyView{Icon: "inbox", Title: r.T("workbench.empty." + f.Queue), Text: r.T("workbench.empty_text." + f.Queue)},
	}
	if narrowed(f) {
		t.Empty = &ui.EmptyView{
			Icon: "search", Title: r.T("workbench.empty.filter"), Text: r.T("workbench.empty_text.filter"),
			Action: &ui.ButtonView{Label: r.T("workbench.filter.clear"), Href: "/workbench?queue=" + f.Queue, Variant: "secondary"},
		}
	} else if f.Queue == workflow.QueueMine {
		t.Empty.Action = &ui.ButtonView{Label: r.T("workbench.empty.take"), Href: "/workbench?queue=" + workflow.QueueUnclaimed}
	}
	if done {
		t.Columns[3].Label = r.T("workbench.entered")
	}
	for _, c := range rows {
		due := dueCell(r, c)
		if done {
			due = ui.Cell{Text: ui.Date(r.Context(), c.EnteredAt)}
			if c.Ended {
				tag := severityTag(r, c.Severity, c.Paused, c.Ended, c.Outcome)
				due = ui.Cell{Tag: &tag, Sub: due.Text}
			}
		}
		holder := ui.Cell{Text: c.AssigneeName}
		if c.Assignee == r.Person() {
			holder.Text = r.T("workbench.you")
		} else if c.AssigneeName == "" {
			holder.Text = "–"
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: c.Reference, Sub: c.Name, Href: casePath(c.ID)},
			{Text: nameOr(r, c.StateName, c.State), Sub: r.Text(c.ServiceName)},
			{Text: known.name(r, c.Boundary)},
			due, holder,
		}})
	}
	return t
}

func narrowed(f bench.Filter) bool {
	return f.Service != "" || f.State != "" || f.Boundary != "" || f.Severity != "" || f.Text != ""
}

func dueCell(r *frame.Request, c bench.Row) ui.Cell {
	tag := severityTag(r, c.Severity, c.Paused, c.Ended, c.Outcome)
	cell := ui.Cell{Tag: &tag}
	if c.Due != nil && !c.Paused && !c.Ended {
		cell.Sub = dueText(r, *c.Due)
	}
	return cell
}

// dueText is the day of a promise and how far it is.
func dueText(r *frame.Request, due time.Time) string {
	day, left := ui.Date(r.Context(), due), days(r, r.Now, due)
	switch {
	case left < 0:
		return r.T("workbench.due.ago", "date", day, "n", -left)
	case left == 0 && due.Before(r.Now):
		return r.T("workbench.due.was_today", "date", day)
	case left == 0:
		return r.T("workbench.due.today", "date", day)
	}
	return r.T("workbench.due.in", "date", day, "n", left)
}

// days is how many midnights of the tenant's zone lie between two moments.
func days(r *frame.Request, from, to time.Time) int {
	zone := r.Settings.Location()
	day := func(t time.Time) time.Time {
		y, m, d := t.In(zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(day(to).Sub(day(from)).Hours() / 24)
}

// severityTag says how urgent a case is, or why nothing presses.
func severityTag(r *frame.Request, severity string, paused, ended bool, outcome string) ui.TagView {
	switch {
	case ended && outcome == "approved":
		return ui.TagView{Text: r.T("workbench.outcome.approved"), Kind: ui.Success}
	case ended:
		return ui.TagView{Text: r.T("workbench.outcome." + outcome), Kind: ui.Neutral}
	case paused:
		return ui.TagView{Text: r.T("workbench.paused"), Kind: ui.Neutral, Icon: "pause"}
	case severity == bench.SeverityCritical:
		return ui.TagView{Text: r.T("workbench.severity.critical"), Kind: ui.Danger}
	case severity == bench.SeverityOverdue:
		return ui.TagView{Text: r.T("workbench.severity.overdue"), Kind: ui.Danger, Icon: "triangle-alert"}
	case severity == bench.SeveritySoon:
		return ui.TagView{Text: r.T("workbench.severity.soon"), Kind: ui.Warning, Icon: "clock"}
	}
	return ui.TagView{Text: r.T("workbench.severity.ok"), Kind: ui.Neutral, Icon: "circle"}
}

// areas are the areas by code.
type areas map[string]refdata.Boundary

func (w *Workbench) areas(ctx context.Context, tx *pg.Tx) (areas, error) {
	all, err := w.deps.Refdata.Boundaries(ctx, tx, "", "")
	known := areas{}
	for _, b := range all {
		known[b.Code] = b
	}
	return known, err
}

// name is what an area is called, with the one it lies in, since parishes of different islands share names.
func (a areas) name(r *frame.Request, code string) string {
	b, known := a[code]
	if !known {
		return code
	}
	name := nameOr(r, b.Name, code)
	if len(b.Path) > 3 {
		name += ", " + nameOr(r, a[b.Parent].Name, b.Parent)
	}
	return name
}
