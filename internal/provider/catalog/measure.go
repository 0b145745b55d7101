package catalog

import (
	"context"
	"time"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

const (
	// measuredFor is how far back the measures of services look.
	measuredFor = 90 * 24 * time.Hour
	// measureEvery is how often they are taken.
	measureEvery = 6 * time.Hour
)

// Measure is how much a service was asked for in the last 90 days, how long it really took and how people found it. Median is the working
// time that half of the Decided took at most, Most what nine of ten took; both zero where none was decided. Rated counts who rated, Stars
// is the sum of what they gave, from 1 to 5 each.
type Measure struct {
	Service           string
	Received, Decided int64
	Median, Most      time.Duration
	Rated, Stars      int64
}

// Measures takes the measures of all services since a time; whoever watches the promises does.
type Measures interface {
	Measured(ctx context.Context, tx *pg.Tx, since time.Time) ([]Measure, error)
}

// MeasureArgs are the arguments of the job catalog.measure.
type MeasureArgs struct {
	job.Tenant
}

// Kind names the job.
func (MeasureArgs) Kind() string { return "catalog.measure" }

// TakeMeasures keeps how the services do, for the pages of people who choose one. Only the system calls it.
func (s *Service) TakeMeasures(ctx context.Context, tx *pg.Tx) (err error) {
	defer fault.Wrap(&err, "catalog.TakeMeasures")
	list, err := s.measures.Measured(ctx, tx, tx.Now.Add(-measuredFor))
	if err != nil {
		return err
	}
	return putMeasures(ctx, tx, list)
}

// Measure returns how a service did in the last 90 days, as it was last measured; the zero Measure where nobody asked for it.
func (s *Service) Measure(ctx context.Context, tx *pg.Tx, code string) (m Measure, err error) {
	defer fault.Wrap(&err, "catalog.Measure(%s)", code)
	return measureRow(ctx, tx, code)
}

// Popular returns the services that most people asked for in the last 90 days, the first first; where fewer were asked for, others
// by name follow. Lang is the reader's language.
func (s *Service) Popular(ctx context.Context, tx *pg.Tx, lang string, n int) (list []Entry, err error) {
	defer fault.Wrap(&err, "catalog.Popular")
	codes, err := db.ListPopular(ctx, tx, int32(n))
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, code := range codes {
		e, err := entryRow(ctx, tx, code)
		if err != nil {
			return nil, err
		}
		list, seen[code] = append(list, e), true
	}
	if len(list) == n {
		return list, nil
	}
	others, err := s.Search(ctx, tx, Query{Lang: lang}, page.Request{Size: n})
	for _, e := range others.Rows {
		if !seen[e.Code] && len(list) < n {
			list = append(list, e)
		}
	}
	return list, err
}
