package workbench

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/provider/orchestration"
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
	Sort      []ui.Chip
	Table     ui.TableView
	Pager     ui.Pager
	ExportURL string
	Save      *saveView
	Filter    string // of the list as it is shown, for what is done with all of it
	AllLabel  string // "" where not all of the list can be dealt with at once
	Problems  []ui.Problem
	Keys      bool
}

// listed is a list with what is needed to show it.
type listed struct {
	filter   bench.Filter
	page     page.Page[bench.Row]
	nav      nav
	due      []int // by dueFilters
	areas    areas
	agencies map[string]i18n.Text // where the reader works
	holder   string
}

// inbox shows a queue. It is no reading transaction, since seeing applicants' names is put on record.
func (w *Workbench) inbox(r *frame.Request) error {
	l := listed{filter: bench.FilterOf(r.URL.Query())}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return w.list(ctx, tx, r, &l) }); err != nil {
		return err
	}
	r.Remember(listCookie, url.QueryEscape(r.URL.RequestURI()))
	return r.HTML(inboxPage(w.inboxView(r, l)))
}

func (w *Workbench) list(ctx context.Context, tx *pg.Tx, r *frame.Request, l *listed) (err error) {
	if l.nav, err = w.nav(ctx, tx, r); err != nil {
		return err
	}
	if l.agencies, err = w.agencyNames(ctx, tx, r); err != nil {
		return err
	}
	if l.page, err = w.deps.Workbench.Inbox(ctx, tx, *r.Principal, l.filter, r.Paging()); err != nil {
		return err
	}
	if l.due, err = w.deps.Workbench.CountLists(ctx, tx, *r.Principal, dueFilters(l.filter)); err != nil {
		return err
	}
	if l.filter.Holder != uuid.Nil {
		if l.holder, err = w.deps.Identity.Name(ctx, tx, l.filter.Holder); err != nil && fault.Of(err).Kind != fault.KindNotFound {
			return err
		}
	}
	l.areas, err = w.areas(ctx, tx)
	return err
}

func (w *Workbench) inboxView(r *frame.Request, l listed) inboxView {
	f := l.filter
	v := inboxView{
		Site: r.Site(frame.Workbench), Notice: r.Done(), Queues: queues(r, l.nav, f), Title: r.T("workbench.queue." + f.Queue),
		Due: dueChips(r, l), Filters: filterChips(r, l), Sort: sortChips(r, f), Table: w.table(r, l), Pager: r.Pager(l.page.Next),
		ExportURL: exportURL(r, "/workbench/export.csv"), Search: searchBar(r, f.Text), Keys: keysOn(r),
	}
	if f.Name == "" {
		v.Save = saveForm(r, r.URL.Query(), l.agencies)
		v.Filter = v.Save.Filter
		if v.Table.Selectable && len(l.page.Rows) > 1 {
			v.AllLabel = r.T("bench.bulk.all", "n", bench.MostChosen)
		}
	}
	return v
}

// searchBar posts what is typed: it may be a name, and names do not belong into an address.
func searchBar(r *frame.Request, value string) ui.SearchView {
	return ui.SearchView{
		Action: "/workbench/find", Label: r.T("bench.search"), HideLabel: true, Compact: true, Placeholder: r.T("bench.search_hint"), Value: value, Post: true,
	}
}

// find looks for a case by the beginning of its reference, which leads to a list with an address, or by words of the applicant's name,
// which are shown at once and stand in none.
func (w *Workbench) find(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	text := strings.TrimSpace(posted.Get("q"))
	if text == "" {
		return r.Redirect(listPath(r))
	}
	l := listed{filter: bench.Filter{Queue: bench.QueueFound, Name: text}}
	reference := false
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if reference, err = w.deps.Workbench.IsReference(ctx, tx, *r.Principal, text); err != nil || reference {
			return err
		}
		return w.list(ctx, tx, r, &l)
	})
	common := errors.Is(err, orchestration.ErrCommon)
	if common {
		err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
			l.nav, err = w.nav(ctx, tx, r)
			return err
		})
	}
	switch {
	case err != nil:
		return err
	case reference:
		return r.Redirect("/workbench?" + url.Values{"queue": {bench.QueueFound}, "q": {text}}.Encode())
	}
	v := w.inboxView(r, l)
	v.Search.Value, v.Pager, v.ExportURL = text, ui.Pager{}, ""
	if common {
		v.Notice = &ui.NoticeView{Kind: ui.Warning, Title: r.T("error.orchestration.common_name")}
	} else if l.page.Next != "" {
		v.Notice = &ui.NoticeView{Kind: ui.Info, Title: r.T("bench.search_more", "n", len(l.page.Rows))}
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

// exportURL is where the list as this page shows it is a file.
func exportURL(r *frame.Request, path string) string {
	q := r.URL.Query()
	q.Del("after")
	q.Del("trail")
	q.Del("done")
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// queues is the navigation: the officer's queues with their counts, then what there is by service and state.
func queues(r *frame.Request, n nav, f bench.Filter) []ui.NavItem {
	c := n.counts
	item := func(queue, icon string, count *int, urgent bool) ui.NavItem {
		return ui.NavItem{
			Label: r.T("workbench.queue." + queue), Href: "/workbench?queue=" + queue, Icon: icon, Count: count, Urgent: urgent,
			Current: f.Queue == queue && (f.Service == "" || f.State == ""),
		}
	}
	items := []ui.NavItem{
		item(workflow.QueueMine, "user", &c.Mine, c.MineOverdue > 0),
		item(workflow.QueueUnclaimed, "inbox", &c.Unclaimed, false),
		item(workflow.QueueTeam, "users", &c.Team, false),
		item(workflow.QueueDone, "circle-check", nil, false),
	}
	if c.Overdue > 0 || f.Severity == bench.SeverityLate {
		late := "/workbench?" + url.Values{"queue": {workflow.QueueTeam}, "due": {bench.SeverityLate}}.Encode()
		items = slices.Insert(items, 3, ui.NavItem{
			Label: r.T("bench.late"), Href: late, Icon: "triangle-alert", Count: &c.Overdue, Urgent: c.Overdue > 0,
			Current: f.Queue == workflow.QueueTeam && f.Severity == bench.SeverityLate && f.Service == "" && f.State == "",
		})
		items[2].Current = items[2].Current && !items[3].Current
	}
	if n.asked.Ever || f.Queue == "opinions" {
		items = append(items, ui.NavItem{
			Label: r.T("opinion.title"), Href: opinionsPath, Icon: "message-square", Count: &n.asked.All, Urgent: n.asked.Late > 0, Current: f.Queue == "opinions",
		})
	}
	if r.Principal.May(workflow.Release) {
		items = append(items, ui.NavItem{Label: r.T("bench.load"), Href: "/workbench/load", Icon: "chart-column", Current: f.Queue == "load"})
		items = append(items, ui.NavItem{Label: r.T("bench.times"), Href: timesPath, Icon: "clock", Current: f.Queue == "times"})
	}
	items = append(items, ui.NavItem{Label: r.T("bench.templates"), Href: "/workbench/templates", Icon: "message-square", Current: f.Queue == "templates"})
	items = append(items, n.pinned(r, r.URL.RawQuery)...)
	if len(n.lists) > 0 {
		items = append(items, ui.NavItem{Group: r.T("bench.lists"), Label: r.T("bench.lists.manage"), Href: "/workbench/lists", Icon: "list", Current: f.Queue == "lists"})
	}
	for _, s := range c.ByState {
		q := url.Values{"queue": {workflow.QueueTeam}, "service": {s.Service}, "state": {s.State}}
		items = append(items, ui.NavItem{
			Group: nameOr(r, s.ServiceName, s.Service), Label: nameOr(r, s.StateName, s.State), Href: "/workbench?" + q.Encode(), Count: &s.Team, Urgent: s.Overdue > 0,
			Current: f.Queue == workflow.QueueTeam && f.Service == s.Service && f.State == s.State,
		})
	}
	return items
}

func nameOr(r *frame.Request, name i18n.Text, code string) string {
	if s := r.Text(name); s != "" {
		return s
	}
	return code
}

// dueFilters are the lists that the chips of urgency lead to: the whole first.
func dueFilters(f bench.Filter) (list []bench.Filter) {
	for _, severity := range []string{"", bench.SeverityCritical, bench.SeverityOverdue, bench.SeveritySoon, bench.SeverityOK} {
		f.Severity = severity
		list = append(list, f)
	}
	return list
}

// dueChips narrow a queue of open work by urgency, each with how much there is.
func dueChips(r *frame.Request, l listed) (chips []ui.Chip) {
	if l.filter.Queue == workflow.QueueDone || l.filter.Queue == bench.QueueFound {
		return nil
	}
	for n, f := range dueFilters(l.filter) {
		key := "workbench.due." + cmp.Or(f.Severity, "all")
		chips = append(chips, counted(ui.Chip{Label: r.T(key), Href: r.With("due", f.Severity), On: l.filter.Severity == f.Severity}, l.due[n]))
	}
	if l.filter.Severity == bench.SeverityLate {
		chips = slices.Insert(chips, 1, ui.Chip{Label: r.T("bench.late"), Href: r.With("due", ""), On: true})
	}
	return chips
}

// counted puts a number to a chip; what could not be counted has none.
func counted(c ui.Chip, n int) ui.Chip {
	if n >= 0 {
		c.Count, c.Over = &n, n >= bench.MostCounted
	}
	return c
}

// sortChips choose the order of a list.
func sortChips(r *frame.Request, f bench.Filter) (chips []ui.Chip) {
	if f.Queue == workflow.QueueDone || f.Queue == bench.QueueFound {
		return nil
	}
	for _, sort := range []string{workflow.SortDue, workflow.SortOldest, workflow.SortNewest} {
		href := sort
		if sort == workflow.SortDue {
			href = ""
		}
		chips = append(chips, ui.Chip{Label: r.T("bench.sort." + sort), Href: r.With("sort", href), On: cmp.Or(f.Sort, workflow.SortDue) == sort})
	}
	return chips
}

// filterChips offer the services of the inbox, and show what else narrows the list with a way to take it away.
func filterChips(r *frame.Request, l listed) []ui.Chip {
	var chips []ui.Chip
	c, known, f := l.nav.counts, l.areas, l.filter
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
	for _, on := range []struct{ name, label string }{{"state", state}, {"area", known.name(r, f.Boundary)}, {"q", f.Text}, {"with", l.holder}} {
		if on.label != "" {
			chips = append(chips, ui.Chip{Label: on.label, Href: r.With(on.name, ""), On: true, Remove: true})
		}
	}
	return chips
}

func (w *Workbench) table(r *frame.Request, l listed) ui.TableView {
	rows, known, f := l.page.Rows, l.areas, l.filter
	done := f.Queue == workflow.QueueDone
	t := ui.TableView{
		ID: "case-table", Caption: r.T("workbench.queue." + f.Queue), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Label: r.T("workbench.case")}, {Label: r.T("workbench.step")}, {Label: r.T("workbench.area")}, {Label: r.T("workbench.received"), Date: true}, {Label: r.T("workbench.due")}, {Label: r.T("workbench.holder")}},
		Empty:   &ui.EmptyView{Icon: "inbox", Title: r.T("workbench.empty." + f.Queue), Text: r.T("workbench.empty_text." + f.Queue)},
	}
	t.Selectable = !done && f.Queue != bench.QueueFound
	if narrowed(f) {
		t.Empty = &ui.EmptyView{
			Icon: "search", Title: r.T("workbench.empty.filter"), Text: r.T("workbench.empty_text.filter"),
			Action: &ui.ButtonView{Label: r.T("workbench.filter.clear"), Href: "/workbench?queue=" + f.Queue, Variant: "secondary"},
		}
	} else if f.Queue == workflow.QueueMine {
		t.Empty.Action = &ui.ButtonView{Label: r.T("workbench.empty.take"), Href: "/workbench?queue=" + workflow.QueueUnclaimed}
	}
	if done {
		t.Columns[4].Label = r.T("workbench.entered")
	}
	for _, c := range rows {
		due := dueCell(r, c)
		if done {
			due = ui.Cell{Text: ui.Date(r.Context(), c.EnteredAt)}
			if c.Ended {
				tag := severityTag(r, c.Severity, c.Paused, c.Ended, c.Outcome)
				due = ui.Cell{Tag: &tag, Sub: due.Text}
			}
			if c.HeldUntil != nil {
				due = ui.Cell{Tag: &ui.TagView{Text: r.T("held.row", "at", timeOf(r, *c.HeldUntil)), Kind: ui.Info, Icon: "clock"}, Sub: due.Text}
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
			{Text: ui.Date(r.Context(), c.ReceivedAt)},
			due, holder,
		}, Group: group(r, f, c), Select: tick(c), SelectLabel: r.T("bench.tick", "reference", c.Reference)})
	}
	return t
}

// group is the heading under which a case stands in a list by due time.
func group(r *frame.Request, f bench.Filter, c bench.Row) string {
	if f.Queue == workflow.QueueDone || f.Queue == bench.QueueFound || f.Sort != "" && f.Sort != workflow.SortDue {
		return ""
	}
	return r.T("workbench.severity." + c.Severity)
}

func narrowed(f bench.Filter) bool {
	return f.Service != "" || f.State != "" || f.Boundary != "" || f.Severity != "" || f.Text != "" || f.Holder != uuid.Nil
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
