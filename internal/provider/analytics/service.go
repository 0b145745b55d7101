package analytics

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/event"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Deps is what analytics needs. Zone tells where the tenant's days begin; tenancy knows it.
type Deps struct {
	Zone func(ctx context.Context, tx *pg.Tx) (*time.Location, error)
}

// Service counts and answers.
type Service struct{ deps Deps }

// New returns the service; it panics if a dependency is missing.
func New(d Deps) *Service {
	if d.Zone == nil {
		panic("analytics.New: a dependency is missing")
	}
	return &Service{deps: d}
}

// Subscribe hears of cases.
func (s *Service) Subscribe(b *event.Bus) {
	event.Subscribe(b, "analytics.received", func(ctx context.Context, tx *pg.Tx, ev event.Envelope[exchange.CaseReceived]) error {
		return s.count(ctx, tx, ev.ID, ev.Data.Case, Figures{Received: 1})
	})
	event.Subscribe(b, "analytics.moved", func(ctx context.Context, tx *pg.Tx, ev event.Envelope[exchange.CaseMoved]) error {
		return s.count(ctx, tx, ev.ID, ev.Data.Case, Figures{Moved: 1})
	})
	event.Subscribe(b, "analytics.decided", func(ctx context.Context, tx *pg.Tx, ev event.Envelope[exchange.CaseDecided]) error {
		return s.count(ctx, tx, ev.ID, ev.Data.Case, decided(ev.Data))
	})
	event.Subscribe(b, "analytics.paid", s.paid)
	event.Subscribe(b, "analytics.overdue", func(ctx context.Context, tx *pg.Tx, ev event.Envelope[exchange.CaseOverdue]) error {
		return s.count(ctx, tx, ev.ID, ev.Data.Case, Figures{Overdue: 1})
	})
}

func decided(e exchange.CaseDecided) Figures {
	f := Figures{Decided: 1, Working: time.Duration(e.Working) * time.Second}
	if e.Kept {
		f.Kept = 1
	}
	switch e.Outcome {
	case "approved":
		f.Approved = 1
	case "rejected":
		f.Rejected = 1
	default:
		f.Withdrawn = 1
	}
	return f
}

// count adds to the day of the case's event, once.
func (s *Service) count(ctx context.Context, tx *pg.Tx, ev uuid.UUID, c exchange.Case, f Figures) (err error) {
	defer fault.Wrap(&err, "analytics.count(%s)", ev)
	fresh, err := insertApplied(ctx, tx, ev)
	if err != nil || !fresh {
		return err
	}
	day, err := s.day(ctx, tx, c.At)
	if err != nil {
		return err
	}
	return addDaily(ctx, tx, c, day, f)
}

func (s *Service) paid(ctx context.Context, tx *pg.Tx, ev event.Envelope[exchange.CasePaid]) (err error) {
	defer fault.Wrap(&err, "analytics.paid(%s)", ev.ID)
	fresh, err := insertApplied(ctx, tx, ev.ID)
	if err != nil || !fresh {
		return err
	}
	day, err := s.day(ctx, tx, ev.Data.At)
	if err != nil {
		return err
	}
	return addRevenue(ctx, tx, ev.Data, day)
}

func (s *Service) day(ctx context.Context, tx *pg.Tx, at time.Time) (civil.Date, error) {
	zone, err := s.deps.Zone(ctx, tx)
	if err != nil {
		return civil.Date{}, err
	}
	return civil.Of(at.In(zone)), nil
}
