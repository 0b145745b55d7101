package performance

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/event"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// Service keeps the clocks and answers from them.
type Service struct{}

// New returns the service.
func New() *Service { return &Service{} }

// Subscribe hears of cases. What is written follows from the event alone, so one that is told again changes nothing.
func (s *Service) Subscribe(b *event.Bus) {
	event.Subscribe(b, "performance.received", putReceived)
	event.Subscribe(b, "performance.moved", putMoved)
	event.Subscribe(b, "performance.decided", putDecided)
	event.Subscribe(b, "performance.rated", putRated)
}

// SLA is how the promises of a service of an agency stand. Open is undecided work, Overdue and Paused parts of it. Kept
// and Breached are decisions of the range: cases that were promised nothing count in neither, nor those withdrawn in
// time. Median is the working time that half of the Decided took at most; what is decided outside working hours took none.
type SLA struct {
	Agency, Service         string
	Open, Overdue, Paused   int64
	Kept, Breached, Decided int64
	Median                  time.Duration
}

// Percent is the share of promises kept, ok false where none was due.
func (a SLA) Percent() (percent int, ok bool) {
	if a.Kept+a.Breached == 0 {
		return 0, false
	}
	return int(a.Kept * 100 / (a.Kept + a.Breached)), true // down: 99.9 is not all
}

// Total sums services up; Median is not a sum and stays zero.
func Total(list []SLA) (t SLA) {
	for _, a := range list {
		t.Open, t.Overdue, t.Paused = t.Open+a.Open, t.Overdue+a.Overdue, t.Paused+a.Paused
		t.Kept, t.Breached, t.Decided = t.Kept+a.Kept, t.Breached+a.Breached, t.Decided+a.Decided
	}
	return t
}

// Range is a stretch of time, from included, to not.
type Range struct{ From, To time.Time }

// Summary returns each service's promises: the open work as it stands now, the decisions as they were in the range; of
// one agency or ("") of all that the caller may see. Permission: performance:read. Errors: ErrForbidden.
func (s *Service) Summary(ctx context.Context, tx *pg.Tx, by identity.Principal, r Range, agency string) (list []SLA, err error) {
	defer fault.Wrap(&err, "performance.Summary(%s)", agency)
	who, err := reachOf(by, agency)
	if err != nil {
		return nil, err
	}
	return summarise(ctx, tx, r, who)
}

// Half is the working time that half of so many decisions took at most.
type Half struct {
	Decided int64
	Time    time.Duration
}

// Median returns the working time that half of the decisions in a range took at most, those of withdrawn cases left out.
// Permission: performance:read. Errors: ErrForbidden.
func (s *Service) Median(ctx context.Context, tx *pg.Tx, by identity.Principal, r Range, agency string) (h Half, err error) {
	defer fault.Wrap(&err, "performance.Median(%s)", agency)
	who, err := reachOf(by, agency)
	if err != nil {
		return h, err
	}
	return median(ctx, tx, r, who)
}

// Measured is how much a service was asked for, how long it really took and how people found it. Received and Decided count cases; Median is
// the working time that half of the Decided took at most, Most what nine of ten took. What people withdrew was never decided. Rated counts
// the ratings, Stars is their sum.
type Measured struct {
	Service           string
	Received, Decided int64
	Median, Most      time.Duration
	Rated, Stars      int64
}

// Measured returns the services that were asked for, decided about or rated since a time, by code. The figures name nobody and are public.
func (s *Service) Measured(ctx context.Context, tx *pg.Tx, since time.Time) (list []Measured, err error) {
	defer fault.Wrap(&err, "performance.Measured")
	return measured(ctx, tx, since)
}

// Late is an open case whose promise has passed. ReceivedAt is zero until that event has come.
type Late struct {
	Case                      uuid.UUID
	Agency, Service, Boundary string
	ReceivedAt, DueAt         time.Time
}

// Overdue lists the open cases whose promise has passed and whose clock runs, the oldest promise first. Permission:
// performance:read. Errors: ErrForbidden, page.ErrCursor.
func (s *Service) Overdue(ctx context.Context, tx *pg.Tx, by identity.Principal, agency string, req page.Request) (p page.Page[Late], err error) {
	defer fault.Wrap(&err, "performance.Overdue(%s)", agency)
	who, err := reachOf(by, agency)
	if err != nil {
		return p, err
	}
	return listOverdue(ctx, tx, who, req)
}
