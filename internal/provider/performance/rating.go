package performance

import (
	"context"
	"slices"
	"strings"
	"time"

	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/event"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/performance/internal/performancedb"
)

// Stars counts ratings: how many gave one star at index 0, to five at index 4.
type Stars [5]int64

// Count is how many rated.
func (s Stars) Count() (n int64) {
	for _, of := range s {
		n += of
	}
	return n
}

// Sum is how many stars they gave together.
func (s Stars) Sum() (n int64) {
	for i, of := range s {
		n += int64(i+1) * of
	}
	return n
}

// Average is how many stars a rating has, ok false where nobody rated.
func (s Stars) Average() (stars float64, ok bool) {
	if s.Count() == 0 {
		return 0, false
	}
	return float64(s.Sum()) / float64(s.Count()), true
}

// Plus adds ratings up.
func (s Stars) Plus(t Stars) Stars {
	for i, of := range t {
		s[i] += of
	}
	return s
}

// Rated is how people found a service of an agency.
type Rated struct {
	Agency, Service string
	Stars
}

// AllStars sums services up.
func AllStars(list []Rated) (s Stars) {
	for _, r := range list {
		s = s.Plus(r.Stars)
	}
	return s
}

// Aspect is how many found something about a service good, and how many said that it could be better. Code is of the request's own list.
type Aspect struct {
	Code      string
	Good, Bad int64
}

// Ratings returns how people who first said so in a range found each service, by service and agency; of one agency or ("") of all that the
// caller may see. Permission: performance:read. Errors: ErrForbidden.
func (s *Service) Ratings(ctx context.Context, tx *pg.Tx, by identity.Principal, r Range, agency string) (list []Rated, err error) {
	defer fault.Wrap(&err, "performance.Ratings(%s)", agency)
	who, err := reachOf(by, agency)
	if err != nil {
		return nil, err
	}
	rows, err := db.SummariseRatings(ctx, tx, performancedb.SummariseRatingsParams{FromTime: r.From, ToTime: r.To, Everywhere: who.everywhere, Agencies: who.agencies})
	for _, row := range rows {
		list = append(list, Rated{Agency: row.Agency, Service: row.Service, Stars: Stars{row.One, row.Two, row.Three, row.Four, row.Five}})
	}
	return list, err
}

// RatingCourse returns the ratings of a range step by step, the first first, of one service or ("") of all; the last step may be shorter.
// Permission: performance:read. Errors: ErrForbidden.
func (s *Service) RatingCourse(ctx context.Context, tx *pg.Tx, by identity.Principal, r Range, step time.Duration, agency, service string) (course []Stars, err error) {
	defer fault.Wrap(&err, "performance.RatingCourse(%s, %s)", agency, service)
	who, err := reachOf(by, agency)
	if err != nil {
		return nil, err
	}
	rows, err := db.ListRatingSteps(ctx, tx, performancedb.ListRatingStepsParams{
		FromTime: r.From, ToTime: r.To, StepSeconds: int64(step / time.Second), Everywhere: who.everywhere, Agencies: who.agencies, Service: service,
	})
	if err != nil {
		return nil, err
	}
	course = make([]Stars, (r.To.Sub(r.From)+step-1)/step)
	for _, row := range rows {
		course[row.Step] = Stars{row.One, row.Two, row.Three, row.Four, row.Five}
	}
	return course, nil
}

// RatingAspects returns what people found good and what could be better, most often better first, of one service or ("") of all.
// Permission: performance:read. Errors: ErrForbidden.
func (s *Service) RatingAspects(ctx context.Context, tx *pg.Tx, by identity.Principal, r Range, agency, service string) (list []Aspect, err error) {
	defer fault.Wrap(&err, "performance.RatingAspects(%s, %s)", agency, service)
	who, err := reachOf(by, agency)
	if err != nil {
		return nil, err
	}
	rows, err := db.CountAspects(ctx, tx, performancedb.CountAspectsParams{
		FromTime: r.From, ToTime: r.To, Everywhere: who.everywhere, Agencies: who.agencies, Service: service,
	})
	for _, row := range rows {
		list = append(list, Aspect{Code: row.Aspect, Good: row.Good, Bad: row.Bad})
	}
	return list, err
}

func putRated(ctx context.Context, tx *pg.Tx, ev event.Envelope[exchange.RequestRated]) error {
	r := ev.Data
	return db.PutRating(ctx, tx, performancedb.PutRatingParams{
		ID: r.ID, Agency: r.Agency, Service: r.Service, Stars: int16(r.Stars), Good: append([]string{}, r.Good...), Bad: append([]string{}, r.Bad...),
		RatedAt: r.RatedAt, ChangedAt: r.At, ChangedBy: ev.ID,
	})
}

// addRatings adds how people found the services since a time, also those that nothing else is known of since.
func addRatings(ctx context.Context, tx *pg.Tx, since time.Time, list []Measured) ([]Measured, error) {
	rows, err := db.SumRatings(ctx, tx, since)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		i := slices.IndexFunc(list, func(m Measured) bool { return m.Service == row.Service })
		if i < 0 {
			i, list = len(list), append(list, Measured{Service: row.Service})
		}
		list[i].Rated, list[i].Stars = row.Rated, row.Stars
	}
	slices.SortFunc(list, func(a, b Measured) int { return strings.Compare(a.Service, b.Service) })
	return list, nil
}
