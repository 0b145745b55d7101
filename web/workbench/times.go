package workbench

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration"
	bench "digit/internal/provider/workbench"
	"digit/internal/provider/workflow"
	"digit/web/frame"
	"digit/web/ui"
)

const timesPath = "/workbench/times"

// periods are the stretches of time to choose from, in days; the second is what opens.
var periods = []int{7, 30, 90, 365}

// studied is what a supervisor looks at: the figures, and the acts behind them where they are few enough to be looked at.
type studied struct {
	days   int
	from   civil.Date // the first day and
	to     civil.Date // the last, of the tenant's zone
	filter workflow.MoveFilter
	nav    nav
	steps  bench.Steps
	moves  page.Page[bench.StepMove]
	closer bool // the acts are listed
}

type timesView struct {
	Site                     ui.Site
	Queues                   []ui.NavItem
	Span                     string
	Periods, Narrowed        []ui.Chip
	Steps, Officers, Reasons ui.TableView
	Moves                    *ui.TableView
	Pager                    ui.Pager
	ExportURL                string
}

// study reads the figures that the address asks for.
func (w *Workbench) study(r *frame.Request, moves bool) (s studied, err error) {
	s.days = periods[1]
	if n, err := strconv.Atoi(r.Query("days")); err == nil && slices.Contains(periods, n) {
		s.days = n
	}
	s.filter = workflow.MoveFilter{Service: r.Query("service"), State: r.Query("state"), Action: r.Query("action"), Reason: r.Query("reason")}
	s.filter.Actor, _ = uuid.Parse(r.Query("with")) // what is no account narrows nothing
	s.closer = moves && (s.filter.State != "" || s.filter.Reason != "")
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		zone := r.Settings.Location()
		s.to = civil.Of(tx.Now.In(zone))
		s.from = s.to.AddDays(1 - s.days)
		s.filter.From, s.filter.Until = s.from.In(zone), s.to.AddDays(1).In(zone)
		if s.steps, err = w.deps.Workbench.Steps(ctx, tx, *r.Principal, s.filter); err != nil {
			return err
		}
		if s.closer {
			if s.moves, err = w.deps.Workbench.StepMoves(ctx, tx, *r.Principal, s.filter, r.Paging()); err != nil {
				return err
			}
		}
		if moves {
			s.nav, err = w.nav(ctx, tx, r)
		}
		return err
	})
	return s, err
}

// times shows a supervisor how long the steps of cases take, with whom, and for which reasons what is decided; from each figure a way leads to
// the cases behind it.
func (w *Workbench) times(r *frame.Request) error {
	s, err := w.study(r, true)
	if err != nil {
		return err
	}
	v := timesView{
		Site: r.Site(frame.Workbench), Queues: queues(r, s.nav, bench.Filter{Queue: "times"}), Narrowed: s.narrowed(r),
		Span:  r.T("insight.span", "from", i18n.FormatDay(r.Lang, s.from), "to", i18n.FormatDay(r.Lang, s.to)),
		Steps: s.stepTable(r), Officers: s.officerTable(r), Reasons: s.reasonTable(r), Pager: r.Pager(s.moves.Next),
		ExportURL: timesPath + "/export.csv",
	}
	if q := r.URL.RawQuery; q != "" {
		v.ExportURL += "?" + r.URL.Query().Encode()
	}
	for _, n := range periods {
		v.Periods = append(v.Periods, ui.Chip{Label: r.T("insight.days", "n", n), Href: r.With("days", strconv.Itoa(n)), On: n == s.days})
	}
	if s.closer {
		t := s.moveTable(r)
		v.Moves = &t
	}
	return r.HTML(timesPage(v))
}

// narrowed shows what narrows the figures, with a way to take it away.
func (s studied) narrowed(r *frame.Request) (chips []ui.Chip) {
	f := s.filter
	service, state, action, reason, name := f.Service, f.State, f.Action, f.Reason, ""
	for _, x := range slices.Concat(s.steps.ByStep, s.steps.ByOfficer) {
		service = nameOr(r, x.ServiceName, service)
		if x.State == f.State {
			state = nameOr(r, x.StateName, state)
		}
		if x.Actor == f.Actor {
			name = x.Name
		}
	}
	for _, x := range s.steps.Reasons {
		if x.Action == f.Action {
			action = nameOr(r, x.ActionName, action)
		}
		if x.Reason == f.Reason {
			reason = nameOr(r, x.ReasonName, reason)
		}
	}
	if f.Actor != uuid.Nil && name == "" {
		name = r.T("bench.times.nobody")
	}
	for _, on := range []struct{ field, value, label string }{
		{"service", f.Service, service}, {"state", f.State, state}, {"action", f.Action, action}, {"reason", f.Reason, reason}, {"with", name, name},
	} {
		if on.value != "" {
			chips = append(chips, ui.Chip{Label: on.label, Href: r.With(on.field, ""), On: true, Remove: true})
		}
	}
	return chips
}

// closer is the address of the page with more said about what it shows.
func closer(r *frame.Request, fields ...string) string {
	q := url.Values{}
	for _, name := range []string{"days", "service", "state", "action", "reason", "with"} {
		if v := r.Query(name); v != "" {
			q.Set(name, v)
		}
	}
	for n := 0; n < len(fields); n += 2 {
		q.Set(fields[n], fields[n+1])
	}
	return timesPath + "?" + q.Encode()
}

func (s studied) stepTable(r *frame.Request) ui.TableView {
	t := ui.TableView{
		ID: "steps", Caption: r.T("bench.times.steps"), HideCaption: true, Stack: true, Columns: timeColumns(r, r.T("workbench.step")),
		Empty: &ui.EmptyView{Icon: "clock", Title: r.T("bench.times.empty"), Text: r.T("bench.times.empty_text")},
	}
	for _, x := range s.steps.ByStep {
		name := ui.Cell{Text: nameOr(r, x.StateName, x.State), Sub: nameOr(r, x.ServiceName, x.Service), Href: closer(r, "service", x.Service, "state", x.State)}
		t.Rows = append(t.Rows, ui.Row{Cells: append([]ui.Cell{name}, s.timeCells(r, x)...)})
	}
	return t
}

func timeColumns(r *frame.Request, first string) []ui.Column {
	return []ui.Column{{Label: first}, {Label: r.T("bench.times.taken"), Num: true}, {Label: r.T("bench.times.half"), Num: true}, {Label: r.T("bench.times.most"), Num: true}}
}

func (s studied) timeCells(r *frame.Request, x bench.StepFigure) []ui.Cell {
	half, most := ui.Cell{Text: s.worked(r, x.Half)}, ui.Cell{Text: s.worked(r, x.Most)}
	if !x.Told() {
		half, most = ui.Cell{Sub: r.T("bench.times.few", "n", bench.Few)}, ui.Cell{Text: "–"}
	}
	return []ui.Cell{{Text: ui.Number(r.Context(), x.Moves)}, half, most}
}

// officerTable compares officers at the same step; over several steps their times would say nothing.
func (s studied) officerTable(r *frame.Request) ui.TableView {
	t := ui.TableView{ID: "officers", Caption: r.T("bench.times.officers"), HideCaption: true, Stack: true, Columns: timeColumns(r, r.T("bench.load.officer"))}
	if s.filter.State == "" || s.filter.Service == "" {
		return t
	}
	for _, x := range s.steps.ByOfficer {
		name := ui.Cell{Text: x.Name, Href: closer(r, "with", x.Actor.String())}
		if name.Text == "" {
			name.Text = r.T("bench.times.nobody")
		}
		t.Rows = append(t.Rows, ui.Row{Cells: append([]ui.Cell{name}, s.timeCells(r, x)...)})
	}
	return t
}

func (s studied) reasonTable(r *frame.Request) ui.TableView {
	t := ui.TableView{
		ID: "reasons", Caption: r.T("bench.times.reasons"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Label: r.T("bench.times.reason")}, {Label: r.T("bench.times.act")}, {Label: r.T("bench.times.given"), Num: true}, {Label: r.T("bench.times.share"), Num: true}},
		Empty:   &ui.EmptyView{Icon: "message-square", Title: r.T("bench.times.no_reasons"), Text: r.T("bench.times.no_reasons_text")},
	}
	for _, x := range s.steps.Reasons {
		share := r.T("bench.times.few_times", "n", bench.Few)
		if n, ok := x.Percent(); ok {
			share = r.T("insight.percent", "percent", n)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: nameOr(r, x.ReasonName, x.Reason), Href: closer(r, "service", x.Service, "state", x.State, "action", x.Action, "reason", x.Reason)},
			{Text: nameOr(r, x.ActionName, x.Action), Sub: nameOr(r, x.ServiceName, x.Service)},
			{Text: r.T("bench.times.of", "n", x.Times, "of", x.Taken)},
			{Text: share},
		}})
	}
	return t
}

// moveTable lists the acts behind the figures, the longest step first; whoever may read the case is led to it.
func (s studied) moveTable(r *frame.Request) ui.TableView {
	t := ui.TableView{
		ID: "moves", Caption: r.T("bench.times.moves"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Label: r.T("workbench.case")}, {Label: r.T("bench.times.act")}, {Label: r.T("bench.load.officer")}, {Label: r.T("bench.times.on"), Date: true}, {Label: r.T("bench.times.took"), Num: true}},
		Empty:   &ui.EmptyView{Icon: "inbox", Title: r.T("bench.times.empty"), Text: r.T("bench.times.empty_text")},
	}
	for _, m := range s.moves.Rows {
		c := ui.Cell{Text: m.Instance.Reference, Sub: nameOr(r, m.StateName, m.State)}
		if m.Instance.Reached(*r.Principal, orchestration.Read, r.Now) {
			c.Href = casePath(m.Instance.ID)
		}
		name := m.Name
		if name == "" {
			name = r.T("bench.times.nobody")
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{c, {Text: nameOr(r, m.ActionName, m.Action)}, {Text: name}, {Text: ui.Date(r.Context(), m.At)}, {Text: s.worked(r, m.Working)}}})
	}
	return t
}

// worked writes working time: minutes, hours, and from a working day on such days with one digit behind the point.
func (s studied) worked(r *frame.Request, d time.Duration) string {
	if d < s.steps.Workday || s.steps.Workday <= 0 {
		return span(r, d)
	}
	// The sign between whole and part is taken from how the language writes money.
	written := strconv.FormatFloat(float64(d)/float64(s.steps.Workday), 'f', 1, 64)
	if strings.Contains(i18n.FormatMoney(r.Lang, money.Amount{Minor: 150, Currency: "EUR"}), "1,5") {
		written = strings.Replace(written, ".", ",", 1)
	}
	return r.T("insight.working_days", "days", written)
}
