package insight

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/provider/agency"
	"digit/internal/provider/analytics"
	"digit/internal/provider/performance"
	"digit/web/frame"
)

// periods are the lengths in days that can be chosen; the second is what is shown first.
var periods = []int{7, 30, 90}

// question is what the address asks for.
type question struct {
	days   int
	agency string
}

func questionOf(r *frame.Request) question {
	q := question{days: periods[1], agency: r.Query("agency")}
	if n, err := strconv.Atoi(r.Query("days")); err == nil && slices.Contains(periods, n) {
		q.days = n
	}
	return q
}

// figures is all that the page shows. May holds the agencies that the reader can choose from; late is nil for readers
// without performance:read.
type figures struct {
	question
	span            analytics.Range
	now, before     analytics.Figures
	median, medianB performance.Half
	days            []analytics.Day
	services        []analytics.ServiceFigures
	sla, slaBefore  []performance.SLA
	late            []performance.Late
	seesPerformance bool
	may             []agency.Agency
	names           names
	workday         time.Duration // how long a working day is, for writing working time in days
}

// read loads the figures of one snapshot.
func (s *Insight) read(r *frame.Request) (f figures, err error) {
	f.question = questionOf(r)
	zone := r.Settings.Location()
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		f.span = analytics.LastDays(civil.Of(tx.Now.In(zone)), f.question.days)
		if f.now, err = s.deps.Analytics.Summary(ctx, tx, *r.Principal, f.span, f.agency); err != nil {
			return err
		}
		if f.before, err = s.deps.Analytics.Summary(ctx, tx, *r.Principal, f.span.Before(), f.agency); err != nil {
			return err
		}
		if f.days, err = s.deps.Analytics.Series(ctx, tx, *r.Principal, f.span, f.agency); err != nil {
			return err
		}
		if f.services, err = s.deps.Analytics.ByService(ctx, tx, *r.Principal, f.span, f.agency); err != nil {
			return err
		}
		cal, err := s.deps.Calendars.CalendarOf(ctx, tx, refdata.Workplace{Agency: f.agency})
		if err != nil {
			return err
		}
		f.workday = cal.Workday()
		err = s.readPerformance(ctx, tx, r, &f, zone)
		if f.seesPerformance = !errors.Is(err, performance.ErrForbidden); f.seesPerformance && err != nil {
			return err
		}
		return s.readNames(ctx, tx, r, &f)
	})
	return f, err
}

// lateShown is how many late cases the page lists.
const lateShown = 10

func (s *Insight) readPerformance(ctx context.Context, tx *pg.Tx, r *frame.Request, f *figures, zone *time.Location) (err error) {
	span, before := times(f.span, zone), times(f.span.Before(), zone)
	if f.sla, err = s.deps.Performance.Summary(ctx, tx, *r.Principal, span, f.agency); err != nil {
		return err
	}
	if f.slaBefore, err = s.deps.Performance.Summary(ctx, tx, *r.Principal, before, f.agency); err != nil {
		return err
	}
	if f.median, err = s.deps.Performance.Median(ctx, tx, *r.Principal, span, f.agency); err != nil {
		return err
	}
	if f.medianB, err = s.deps.Performance.Median(ctx, tx, *r.Principal, before, f.agency); err != nil {
		return err
	}
	late, err := s.deps.Performance.Overdue(ctx, tx, *r.Principal, f.agency, page.Request{Size: lateShown})
	f.late = late.Rows
	return err
}

// times are the moments between which the days of a range lie in the tenant's zone.
func times(r analytics.Range, zone *time.Location) performance.Range {
	return performance.Range{From: r.From.In(zone), To: r.To.AddDays(1).In(zone)}
}

func (s *Insight) readNames(ctx context.Context, tx *pg.Tx, r *frame.Request, f *figures) (err error) {
	var codes []string
	for _, v := range f.services {
		codes = append(codes, v.Service)
	}
	for _, v := range slices.Concat(f.sla, f.slaBefore) {
		codes = append(codes, v.Service)
	}
	f.names, f.may, err = s.namesOf(ctx, tx, r, codes)
	return err
}

// namesOf returns the names of services and of all agencies, and which agencies the reader can choose from, by code.
func (s *Insight) namesOf(ctx context.Context, tx *pg.Tx, r *frame.Request, services []string) (n names, may []agency.Agency, err error) {
	all, err := s.deps.Agencies.Agencies(ctx, tx)
	if err != nil {
		return n, nil, err
	}
	n = names{services: map[string]i18n.Text{}, agencies: map[string]i18n.Text{}}
	for _, a := range all {
		n.agencies[a.Code] = a.Name
		if analytics.Sees(*r.Principal, a.Code) {
			may = append(may, a)
		}
	}
	for _, code := range services {
		if _, known := n.services[code]; known {
			continue
		}
		svc, err := s.deps.Services.Service(ctx, tx, code, 0)
		if err != nil && fault.Of(err).Kind != fault.KindNotFound { // figures of a service that is gone show by its code
			return n, nil, err
		}
		if n.services[code] = nil; err == nil {
			n.services[code] = svc.Pack().Name
		}
	}
	slices.SortFunc(may, func(a, b agency.Agency) int { return cmp.Compare(a.Code, b.Code) })
	return n, may, nil
}
