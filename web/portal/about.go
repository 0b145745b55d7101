package portal

import (
	"context"
	"math"
	"net/url"
	"strings"
	"time"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/agency"
	"digit/internal/provider/catalog"
	"digit/web/frame"
	"digit/web/ui"
)

const (
	// fewest is how many decisions make a measure: fewer say little, and of single cases nothing should be said.
	fewest = 5
	// relatedShown is how many services the page of a service names besides.
	relatedShown = 4
)

// about is what the page of a service says besides what its agency wrote.
type about struct {
	measure  catalog.Measure
	calendar calendar.Calendar
	related  []catalog.Entry
}

func (p *Portal) about(ctx context.Context, tx *pg.Tx, e catalog.Entry, lang string) (a about, err error) {
	if a.measure, err = p.deps.Catalog.Measure(ctx, tx, e.Code); err != nil {
		return a, err
	}
	if a.calendar, err = p.deps.Refdata.CalendarOf(ctx, tx, refdata.Workplace{Agency: e.Agency}); err != nil {
		return a, err
	}
	for _, event := range e.LifeEvents {
		found, err := p.deps.Catalog.Search(ctx, tx, catalog.Query{Lang: lang, LifeEvent: event}, page.Request{Size: relatedShown + 1})
		if err != nil {
			return a, err
		}
		for _, other := range found.Rows {
			if other.Code != e.Code && len(a.related) < relatedShown && !named(a.related, other.Code) {
				a.related = append(a.related, other)
			}
		}
	}
	return a, nil
}

func named(list []catalog.Entry, code string) bool {
	for _, e := range list {
		if e.Code == code {
			return true
		}
	}
	return false
}

// realTime says how long the service took of late; nothing where too few cases were decided.
func realTime(r *frame.Request, a about) string {
	if a.measure.Decided < fewest {
		return ""
	}
	day := a.calendar.Workday()
	half, most := upTo(a.measure.Median, day), upTo(a.measure.Most, day)
	if half == most {
		return r.T("service.real.most", "n", most)
	}
	return r.T("service.real.half", "n", half) + "\n" + r.T("service.real.most", "n", most)
}

// ratedText says how people found the service of late; nothing where too few rated.
func ratedText(r *frame.Request, m catalog.Measure) string {
	if m.Rated < fewest {
		return ""
	}
	average := math.Round(float64(m.Stars)*10/float64(m.Rated)) / 10
	return r.T("service.rated.average", "stars", i18n.FormatDecimal(r.Lang, average), "n", m.Rated)
}

// upTo is in how many working days a time is over, the first counted.
func upTo(t, day time.Duration) int { return max(1, int(math.Ceil(float64(t)/float64(day)))) }

// steps are the way from the application to the answer, as the person goes it.
func steps(r *frame.Request, pack *servicespec.Pack, days int, certificate bool) []string {
	list := []string{r.T("service.step.apply", "n", len(pack.Form.Pages))}
	if len(pack.Fees) > 0 {
		list = append(list, r.T("service.step.pay"))
	}
	if days > 0 {
		list = append(list, r.T("service.step.work_days", "n", days))
	} else {
		list = append(list, r.T("service.step.work"))
	}
	if certificate {
		return append(list, r.T("service.step.certificate"))
	}
	return append(list, r.T("service.step.answer"))
}

// languages are those in which the service can be asked for, each called by its own name.
func languages(site ui.Site, pack *servicespec.Pack) string {
	var names []string
	for _, lang := range pack.Languages {
		for _, l := range site.Languages {
			if l.Lang == lang {
				names = append(names, l.Name)
			}
		}
	}
	return strings.Join(names, " · ")
}

// officeView is an office where people can go.
type officeView struct {
	Name, Address, Hours, Phone, Map string
}

func officeViews(r *frame.Request, offices []agency.Office) (list []officeView) {
	for _, o := range offices {
		if o.Closed {
			continue
		}
		where := officeView{Name: r.Text(o.Name), Address: o.Address, Hours: r.Text(o.Hours), Phone: o.Phone}
		if o.Address != "" {
			lines := strings.Join(strings.Fields(strings.ReplaceAll(o.Address, "\n", ", ")), " ")
			where.Map = "https://www.openstreetmap.org/search?" + url.Values{"query": {lines + ", " + r.Text(r.Settings.Name)}}.Encode()
		}
		list = append(list, where)
	}
	return list
}

func relatedLinks(r *frame.Request, entries []catalog.Entry) (list []ui.Link) {
	for _, e := range entries {
		list = append(list, ui.Link{Label: r.Text(e.Name), Href: "/services/" + e.Code})
	}
	return list
}
