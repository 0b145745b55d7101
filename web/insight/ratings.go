package insight

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"math"
	"strconv"
	"time"

	"digit/internal/consumer/request"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/internal/provider/analytics"
	"digit/internal/provider/performance"
	"digit/web/frame"
	"digit/web/ui"
)

// opinions is how people found the services, and what they wrote; remarks is nil for readers without request:remarks.
type opinions struct {
	question
	service     string
	stars       int
	span        analytics.Range
	list        []performance.Rated // of all services
	now, before performance.Stars   // of the chosen one, or of all
	earlier     map[[2]string]performance.Stars
	course      []performance.Stars
	aspects     []performance.Aspect
	remarks     *page.Page[request.Remark]
	may         []agency.Agency
	names       names
}

// step is how many days of the course are one point.
func (o opinions) step() int {
	switch {
	case o.days > 30:
		return 7
	case o.days > 7:
		return 5
	}
	return 1
}

// readRatings loads the figures of one snapshot, and with remarks what people wrote: that somebody reads it is written down.
func (s *Insight) readRatings(r *frame.Request, remarks bool) (o opinions, err error) {
	o.question, o.service = questionOf(r), r.Query("service")
	if n, err := strconv.Atoi(r.Query("stars")); err == nil && n >= 1 && n <= 5 {
		o.stars = n
	}
	zone := r.Settings.Location()
	look := r.Read
	if remarks {
		look = r.Write
	}
	err = look(func(ctx context.Context, tx *pg.Tx) (err error) {
		o.span = analytics.LastDays(civil.Of(tx.Now.In(zone)), o.days)
		span := times(o.span, zone)
		if o.list, err = s.deps.Performance.Ratings(ctx, tx, *r.Principal, span, o.agency); err != nil {
			return err
		}
		earlier, err := s.deps.Performance.Ratings(ctx, tx, *r.Principal, times(o.span.Before(), zone), o.agency)
		if err != nil {
			return err
		}
		o.sum(earlier)
		step := time.Duration(o.step()) * 24 * time.Hour
		if o.course, err = s.deps.Performance.RatingCourse(ctx, tx, *r.Principal, span, step, o.agency, o.service); err != nil {
			return err
		}
		if o.aspects, err = s.deps.Performance.RatingAspects(ctx, tx, *r.Principal, span, o.agency, o.service); err != nil {
			return err
		}
		if remarks {
			if err := s.readRemarks(ctx, tx, r, &o, span.From); err != nil {
				return err
			}
		}
		o.names, o.may, err = s.namesOf(ctx, tx, r, o.services())
		return err
	})
	return o, err
}

// readRemarks adds what people wrote, for readers who may read it.
func (s *Insight) readRemarks(ctx context.Context, tx *pg.Tx, r *frame.Request, o *opinions, since time.Time) error {
	found, err := s.deps.Remarks.Remarks(ctx, tx, *r.Principal, request.RemarkFilter{Agency: o.agency, Service: o.service, Stars: o.stars, Since: since}, r.Paging())
	if errors.Is(err, request.ErrRemarks) {
		return nil
	}
	o.remarks = &found
	return err
}

// services are the codes of those that the page names.
func (o opinions) services() (codes []string) {
	for _, v := range o.list {
		codes = append(codes, v.Service)
	}
	if o.remarks != nil {
		for _, m := range o.remarks.Rows {
			codes = append(codes, m.Service)
		}
	}
	return codes
}

// sum adds up what is asked for, now and in the period before.
func (o *opinions) sum(earlier []performance.Rated) {
	o.earlier = map[[2]string]performance.Stars{}
	for _, v := range earlier {
		o.earlier[[2]string{v.Agency, v.Service}] = v.Stars
		if o.service == "" || v.Service == o.service {
			o.before = o.before.Plus(v.Stars)
		}
	}
	for _, v := range o.list {
		if o.service == "" || v.Service == o.service {
			o.now = o.now.Plus(v.Stars)
		}
	}
}

type ratingsView struct {
	Site                        ui.Site
	Span, Back, ExportURL       string
	Periods, Agencies, Services []ui.Chip
	Tiles                       []ui.TileView
	Spread                      ui.ChartView
	Course                      *ui.ChartView // nil where there are too few points for a line
	ByService, Aspects          ui.TableView
	Empty                       *ui.EmptyView
	Filters                     []ui.Chip
	Remarks                     *ui.TableView
	Pager                       ui.Pager
}

// ratings shows how people found the services.
func (s *Insight) ratings(r *frame.Request) error {
	o, err := s.readRatings(r, true)
	if err != nil {
		return err
	}
	v := ratingsView{
		Site: site(r), Periods: periodChips(r, o.question), Agencies: agencyChips(r, o.may, o.agency), Tiles: ratingTiles(r, o),
		Span: r.T("insight.span", "from", i18n.FormatDay(r.Lang, o.span.From), "to", i18n.FormatDay(r.Lang, o.span.To)),
		Back: "/insight" + search(r), ExportURL: "/insight/ratings.csv" + search(r),
	}
	if o.service != "" {
		v.Services = []ui.Chip{{Label: r.T("ratings.all_services"), Href: r.With("service", "")}, {Label: o.names.service(r, o.service), Href: r.With("service", o.service), On: true}}
	}
	if len(o.list) == 0 {
		v.Empty = &ui.EmptyView{Icon: "chart-column", Title: r.T("ratings.empty"), Text: r.T("ratings.empty_text")}
		return r.HTML(ratingsPage(v))
	}
	v.Spread, v.Course, v.ByService, v.Aspects = spread(r, o), course(r, o), ratedTable(r, o), aspectTable(r, o)
	if o.remarks != nil {
		v.Filters, v.Pager = starChips(r, o), r.Pager(o.remarks.Next)
		v.Remarks = remarkTable(r, o)
	}
	return r.HTML(ratingsPage(v))
}

// ratingsURL leads to the ratings of what the overview shows.
func ratingsURL(r *frame.Request) string { return "/insight/ratings" + search(r) }

// search is what the address asks for.
func search(r *frame.Request) string {
	q := r.URL.Query()
	for _, of := range []string{"after", "trail"} {
		q.Del(of)
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// inStars writes an average with one digit behind the point, as the language writes it; a dash where nobody rated.
func inStars(r *frame.Request, s performance.Stars) string {
	average, ok := s.Average()
	if !ok {
		return "–"
	}
	return i18n.FormatDecimal(r.Lang, tenths(average))
}

func tenths(x float64) float64 { return math.Round(x*10) / 10 }

func ratingTiles(r *frame.Request, o opinions) []ui.TileView {
	count := ui.TileView{Label: r.T("ratings.count"), Value: ui.Number(r.Context(), o.now.Count())}
	count.Change, count.Arrow = change(r, o.now.Count(), o.before.Count())
	average := ui.TileView{Label: r.T("ratings.average"), Value: inStars(r, o.now), Change: r.T("ratings.of_five")}
	if now, ok := o.now.Average(); ok {
		if before, ok := o.before.Average(); ok {
			average.Change = r.T("ratings.before", "stars", inStars(r, o.before))
			average.Good, average.Bad = tenths(now) > tenths(before), tenths(now) < tenths(before)
			average.Arrow = map[bool]string{true: "up"}[average.Good] + map[bool]string{true: "down"}[average.Bad]
		}
	}
	part := func(key string, n int64) ui.TileView {
		t := ui.TileView{Label: r.T(key), Value: "–"}
		if all := o.now.Count(); all > 0 {
			t.Value, t.Change = r.T("insight.percent", "percent", percent(n, all)), r.T("ratings.people", "n", n)
		}
		return t
	}
	return []ui.TileView{average, count, part("ratings.content", o.now[3]+o.now[4]), part("ratings.poor", o.now[0]+o.now[1])}
}

func spread(r *frame.Request, o opinions) ui.ChartView {
	c := ui.ChartView{Title: r.T("ratings.spread"), LabelHead: r.T("ratings.stars"), ValueHead: r.T("ratings.count")}
	for n := len(o.now); n >= 1; n-- {
		of := o.now[n-1]
		c.Points = append(c.Points, ui.Point{Label: r.T("rate.stars." + strconv.Itoa(n)), Value: float64(of), Text: ui.Number(r.Context(), of)})
	}
	return c
}

// course is the average over time. Steps in which nobody rated have no point: nothing is not a bad rating.
func course(r *frame.Request, o opinions) *ui.ChartView {
	c := ui.ChartView{
		Title: r.T("ratings.course"), LabelHead: r.T("ratings.from_day"), ValueHead: r.T("ratings.average"),
		Summary: r.T("ratings.course_summary", "n", o.step()),
	}
	for n, s := range o.course {
		if average, ok := s.Average(); ok {
			c.Points = append(c.Points, ui.Point{Label: shortDay(r, o.span.From.AddDays(n*o.step())), Value: tenths(average), Text: inStars(r, s)})
		}
	}
	if len(c.Points) < 2 {
		return nil
	}
	return &c
}

func ratedTable(r *frame.Request, o opinions) ui.TableView {
	t := ui.TableView{
		Caption: r.T("ratings.by_service"), HideCaption: true, Stack: true,
		Columns: []ui.Column{
			{Label: r.T("insight.service")},
			{Label: r.T("ratings.average"), Num: true},
			{Label: r.T("ratings.earlier"), Num: true},
			{Label: r.T("ratings.count"), Num: true},
			{Label: r.T("ratings.poor"), Num: true},
		},
	}
	for _, v := range o.list {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: o.names.service(r, v.Service), Sub: o.names.agency(r, v.Agency), Href: r.With("service", v.Service)},
			{Text: inStars(r, v.Stars)},
			{Text: inStars(r, o.earlier[[2]string{v.Agency, v.Service}])},
			{Text: ui.Number(r.Context(), v.Count())},
			{Text: ui.Number(r.Context(), v.Stars[0]+v.Stars[1])},
		}})
	}
	return t
}

func aspectTable(r *frame.Request, o opinions) ui.TableView {
	t := ui.TableView{
		Caption: r.T("ratings.aspects"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Label: r.T("ratings.aspect")}, {Label: r.T("ratings.good"), Num: true}, {Label: r.T("ratings.bad"), Num: true}},
		Empty:   &ui.EmptyView{Icon: "chart-column", Title: r.T("ratings.aspects_none"), Text: r.T("ratings.aspects_none_text")},
	}
	for _, a := range o.aspects {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: r.T("rate.aspect." + a.Code)}, {Text: ui.Number(r.Context(), a.Good)}, {Text: ui.Number(r.Context(), a.Bad)}}})
	}
	return t
}

func starChips(r *frame.Request, o opinions) []ui.Chip {
	chips := []ui.Chip{{Label: r.T("ratings.all_remarks"), Href: r.With("stars", "") + "#remarks", On: o.stars == 0}}
	for n := len(o.now); n >= 1; n-- {
		stars := strconv.Itoa(n)
		chips = append(chips, ui.Chip{Label: r.T("rate.stars." + stars), Href: r.With("stars", stars) + "#remarks", On: o.stars == n})
	}
	return chips
}

func remarkTable(r *frame.Request, o opinions) *ui.TableView {
	t := &ui.TableView{
		Caption: r.T("ratings.remarks"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Label: r.T("ratings.words")}, {Label: r.T("ratings.stars")}, {Label: r.T("insight.service")}, {Label: r.T("insight.day")}},
		Empty:   &ui.EmptyView{Icon: "message-square", Title: r.T("ratings.remarks_none"), Text: r.T("ratings.remarks_none_text")},
	}
	for _, m := range o.remarks.Rows {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: m.Words}, {Text: r.T("rate.stars." + strconv.Itoa(m.Stars))}, {Text: o.names.service(r, m.Service)}, {Text: ui.Date(r.Context(), m.At)},
		}})
	}
	return t
}

// exportRatings writes one line a service of an agency as a file for spreadsheets.
func (s *Insight) exportRatings(r *frame.Request) error {
	o, err := s.readRatings(r, false)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString("\ufeff") // as the other file does
	out := csv.NewWriter(&b)
	lines := [][]string{{r.T("insight.from"), r.T("insight.to"), r.T("insight.agency"), r.T("insight.service"), r.T("ratings.count"), r.T("ratings.average")}}
	for n := range o.now {
		lines[0] = append(lines[0], r.T("rate.stars."+strconv.Itoa(n+1)))
	}
	for _, v := range o.list {
		average, _ := v.Average() // there is no line without ratings
		l := []string{
			o.span.From.String(), o.span.To.String(), frame.Cell(o.names.agency(r, v.Agency)), frame.Cell(o.names.service(r, v.Service)),
			strconv.FormatInt(v.Count(), 10), strconv.FormatFloat(average, 'f', 2, 64),
		}
		for _, of := range v.Stars {
			l = append(l, strconv.FormatInt(of, 10))
		}
		lines = append(lines, l)
	}
	if err := out.WriteAll(lines); err != nil {
		return err
	}
	return r.File(r.T("ratings.export_name")+"-"+o.span.From.String()+"-"+o.span.To.String()+".csv", "text/csv; charset=utf-8", false, b.Bytes())
}
