package insight

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
	"digit/internal/provider/agency"
	"digit/internal/provider/analytics"
	"digit/internal/provider/performance"
	"digit/web/frame"
	"digit/web/ui"
)

type overviewView struct {
	Site       ui.Site
	Span       string
	Periods    []ui.Chip
	Agencies   []ui.Chip
	Tiles      []ui.TileView
	ByDay      ui.ChartView
	ByService  ui.ChartView
	Empty      *ui.EmptyView // instead of the charts where nothing has happened
	SLA        *ui.TableView
	Late       *ui.TableView
	ExportURL  string
	RatingsURL string // "" for who does not see how people found the services
}

func (s *Insight) overview(r *frame.Request) error {
	f, err := s.read(r)
	if err != nil {
		return err
	}
	v := overviewView{
		Site: site(r), Periods: periodChips(r, f.question), Agencies: agencyChips(r, f.may, f.agency), Tiles: tiles(r, f), ExportURL: exportURL(r),
		Span: r.T("insight.span", "from", i18n.FormatDay(r.Lang, f.span.From), "to", i18n.FormatDay(r.Lang, f.span.To)),
	}
	v.ByDay, v.ByService = byDay(r, f), byService(r, f)
	if len(v.ByService.Points) == 0 {
		v.Empty = &ui.EmptyView{Icon: "chart-column", Title: r.T("insight.empty"), Text: r.T("insight.empty_text")}
	}
	if f.seesPerformance {
		v.SLA, v.Late = slaTable(r, f), lateTable(r, f)
		v.RatingsURL = ratingsURL(r)
	}
	return r.HTML(overviewPage(v))
}

// site is the frame of the page: the staff's surfaces at the start edge.
func site(r *frame.Request) ui.Site {
	s := r.Site(frame.Workbench)
	s.HomeURL = frame.StaffHome(*r.Principal)
	for n, item := range s.Nav {
		s.Nav[n].Icon = map[string]string{"/workbench": "inbox", "/insight": "chart-column", "/console": "settings"}[item.Href]
	}
	return s
}

func periodChips(r *frame.Request, q question) []ui.Chip {
	var chips []ui.Chip
	for _, n := range periods {
		chips = append(chips, ui.Chip{Label: r.T("insight.days", "n", n), Href: r.With("days", strconv.Itoa(n)), On: n == q.days})
	}
	return chips
}

// agencyChips offer the agencies that the reader may see, where there is a choice.
func agencyChips(r *frame.Request, may []agency.Agency, chosen string) []ui.Chip {
	if len(may) < 2 {
		return nil
	}
	chips := []ui.Chip{{Label: r.T("insight.all_agencies"), Href: r.With("agency", ""), On: chosen == ""}}
	for _, a := range may {
		chips = append(chips, ui.Chip{Label: orCode(r.Text(a.Name), a.Code), Href: r.With("agency", a.Code), On: chosen == a.Code})
	}
	return chips
}

func exportURL(r *frame.Request) string {
	if q := r.URL.Query(); len(q) > 0 {
		return "/insight/export.csv?" + q.Encode()
	}
	return "/insight/export.csv"
}

func tiles(r *frame.Request, f figures) []ui.TileView {
	ctx := r.Context()
	spark := func(of func(analytics.Figures) float64) []float64 {
		values := make([]float64, len(f.days))
		for n, d := range f.days {
			values[n] = of(d.Figures)
		}
		return values
	}
	count := func(key string, now, before int64, course []float64) ui.TileView {
		t := ui.TileView{Label: r.T(key), Value: ui.Number(ctx, now), Spark: course}
		t.Change, t.Arrow = change(r, now, before)
		return t
	}
	currency := r.Settings.Currency
	list := []ui.TileView{
		count("insight.received", f.now.Received, f.before.Received, spark(func(d analytics.Figures) float64 { return float64(d.Received) })),
		count("insight.decided", f.now.Decided, f.before.Decided, spark(func(d analytics.Figures) float64 { return float64(d.Decided) })),
	}
	if f.seesPerformance {
		list = append(list, keptTile(r, f), medianTile(r, f), overdueTile(r, f))
	}
	revenue := ui.TileView{Label: r.T("insight.revenue"), Value: ui.Money(ctx, f.now.Paid(currency)), Spark: spark(func(d analytics.Figures) float64 { return float64(d.Paid(currency).Minor) })}
	revenue.Change, revenue.Arrow = change(r, f.now.Paid(currency).Minor, f.before.Paid(currency).Minor)
	return append(list, revenue)
}

// change says how a number stands against the period before.
func change(r *frame.Request, now, before int64) (text, arrow string) {
	switch {
	case now == before:
		return r.T("insight.change.same"), ""
	case before == 0:
		return r.T("insight.change.none"), "up"
	case now > before:
		return r.T("insight.change.more", "percent", percent(now-before, before)), "up"
	}
	return r.T("insight.change.less", "percent", percent(before-now, before)), "down"
}

func percent(part, whole int64) int {
	return int(math.Round(float64(part) * 100 / float64(whole)))
}

func keptTile(r *frame.Request, f figures) ui.TileView {
	t := ui.TileView{Label: r.T("insight.kept"), Value: "–", Change: r.T("insight.kept_none")}
	now, ok := performance.Total(f.sla).Percent()
	if !ok {
		return t
	}
	t.Value, t.Change = r.T("insight.percent", "percent", now), ""
	before, ok := performance.Total(f.slaBefore).Percent()
	switch {
	case !ok:
		t.Change = r.T("insight.change.none")
	case now > before:
		t.Change, t.Arrow, t.Good = r.T("insight.points.more", "n", now-before), "up", true
	case now < before:
		t.Change, t.Arrow, t.Bad = r.T("insight.points.less", "n", before-now), "down", true
	default:
		t.Change = r.T("insight.change.same")
	}
	return t
}

func medianTile(r *frame.Request, f figures) ui.TileView {
	t := ui.TileView{Label: r.T("insight.median"), Value: "–", Change: r.T("insight.median_none")}
	if f.median.Decided == 0 {
		return t
	}
	t.Value = inDays(r, f, f.median.Time)
	switch {
	case f.medianB.Decided == 0:
		t.Change = r.T("insight.change.none")
	case f.median.Time > f.medianB.Time:
		t.Change, t.Arrow, t.Bad = r.T("insight.slower", "before", inDays(r, f, f.medianB.Time)), "up", true
	case f.median.Time < f.medianB.Time:
		t.Change, t.Arrow, t.Good = r.T("insight.faster", "before", inDays(r, f, f.medianB.Time)), "down", true
	default:
		t.Change = r.T("insight.change.same")
	}
	return t
}

func overdueTile(r *frame.Request, f figures) ui.TileView {
	total := performance.Total(f.sla)
	return ui.TileView{
		Label: r.T("insight.overdue_now"), Value: ui.Number(r.Context(), total.Overdue), Bad: total.Overdue > 0, Good: total.Open > 0 && total.Overdue == 0,
		Change: r.T("insight.of_open", "n", total.Open),
	}
}

// inDays writes working time in working days with one digit behind the point, as the language writes it.
func inDays(r *frame.Request, f figures, d time.Duration) string {
	if d < f.workday/20 { // which would be written as no time at all
		return r.T("insight.same_day")
	}
	s := strconv.FormatFloat(float64(d)/float64(f.workday), 'f', 1, 64)
	return r.T("insight.working_days", "days", strings.Replace(s, ".", decimalPoint(r.Lang), 1))
}

// decimalPoint is the sign between whole and part; taken from how the language writes money.
func decimalPoint(lang string) string {
	written := i18n.FormatMoney(lang, money.Amount{Minor: 150, Currency: "EUR"})
	_, rest, _ := strings.Cut(written, "1")
	if strings.HasPrefix(rest, ",") {
		return ","
	}
	return "."
}

func byDay(r *frame.Request, f figures) ui.ChartView {
	c := ui.ChartView{
		Title: r.T("insight.by_day"), LabelHead: r.T("insight.day"), ValueHead: r.T("insight.received"),
		Summary: r.T("insight.by_day_summary", "n", f.now.Received, "days", f.question.days),
	}
	for _, d := range f.days {
		c.Points = append(c.Points, ui.Point{Label: shortDay(r, d.Day), Value: float64(d.Received), Text: ui.Number(r.Context(), d.Received)})
	}
	return c
}

func shortDay(r *frame.Request, d civil.Date) string {
	return r.T("insight.short_day", "d", fmt.Sprint(d.Day), "m", i18n.MonthName(r.Lang, d.Month))
}

func byService(r *frame.Request, f figures) ui.ChartView {
	c := ui.ChartView{Title: r.T("insight.by_service"), LabelHead: r.T("insight.service"), ValueHead: r.T("insight.received")}
	for _, v := range f.services {
		if v.Received > 0 {
			c.Points = append(c.Points, ui.Point{Label: f.names.service(r, v.Service), Value: float64(v.Received), Text: ui.Number(r.Context(), v.Received)})
		}
	}
	return c
}

func slaTable(r *frame.Request, f figures) *ui.TableView {
	t := &ui.TableView{
		Caption: r.T("insight.sla"), HideCaption: true, Stack: true,
		Columns: []ui.Column{
			{Label: r.T("insight.service")},
			{Label: r.T("insight.open"), Num: true},
			{Label: r.T("insight.overdue_now"), Num: true},
			{Label: r.T("insight.kept_count"), Num: true},
			{Label: r.T("insight.breached"), Num: true},
			{Label: r.T("insight.share"), Num: true},
			{Label: r.T("insight.median"), Num: true},
		},
		Empty: &ui.EmptyView{Icon: "clock", Title: r.T("insight.sla_empty"), Text: r.T("insight.empty_text")},
	}
	num := func(n int64) ui.Cell { return ui.Cell{Text: ui.Number(r.Context(), n)} }
	for _, a := range f.sla {
		half := "–"
		if a.Decided > 0 {
			half = inDays(r, f, a.Median)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: f.names.service(r, a.Service), Sub: f.names.agency(r, a.Agency)}, num(a.Open), num(a.Overdue), num(a.Kept), num(a.Breached), {Text: share(r, a)}, {Text: half},
		}})
	}
	return t
}

func share(r *frame.Request, a performance.SLA) string {
	p, ok := a.Percent()
	if !ok {
		return "–"
	}
	return r.T("insight.percent", "percent", p)
}

// lateTable lists the cases that are late, the oldest promise first; whoever may work on them is led there.
func lateTable(r *frame.Request, f figures) *ui.TableView {
	if len(f.late) == 0 {
		return nil
	}
	t := &ui.TableView{
		Caption: r.T("insight.late"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Label: r.T("insight.service")}, {Label: r.T("insight.promised")}, {Label: r.T("insight.late_by"), Num: true}},
	}
	for _, l := range f.late {
		cell := ui.Cell{Text: f.names.service(r, l.Service), Sub: f.names.agency(r, l.Agency)}
		if r.Principal.MayIn("orchestration:read", l.Agency) && r.Principal.MayIn("workbench:use", l.Agency) {
			cell.Href = "/workbench/cases/" + l.Case.String()
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{cell, {Text: ui.DateLong(r.Context(), l.DueAt)}, {Text: r.T("insight.days", "n", max(1, r.Ago(l.DueAt)))}}})
	}
	return t
}
