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
	event.Subscribe(b, "analytics.moved", s.moved)
	event.Subscribe(b, "analytics.decided", s.decided)
	event.Subscribe(b, "analytics.paid", s.paid)
	event.Subscribe(b, "analytics.overdue", func(ctx context.Context, tx *pg.Tx, ev event.Envelope[exchange.CaseOverdue]) error {
		return s.count(ctx, tx, ev.ID, ev.Data.Case, Figures{Overdue: 1})
	})
}

// moved counts a step. One that opens a case anew takes its decision out of the sums until it is decided again.
func (s *Service) moved(ctx context.Context, tx *pg.Tx, ev event.Envelope[exchange.CaseMoved]) (err error) {
	defer fault.Wrap(&err, "analytics.moved(%s)", ev.ID)
	fresh, err := insertApplied(ctx, tx, ev.ID)
	if err != nil || !fresh {
		return err
	}
	day, err := s.day(ctx, tx, ev.Data.At)
	if err != nil {
		return err
	}
	if err := addDaily(ctx, tx, ev.Data.Case, day, Figures{Moved: 1}); err != nil {
		return err
	}
	last, found, err := lockDecision(ctx, tx, ev.Data.ID)
	if err != nil || !found || !last.Counted || ev.Data.Kind == "end" || !ev.Data.At.After(last.DecidedAt) {
		return err
	}
	if err := takeDaily(ctx, tx, last); err != nil {
		return err
	}
	return db.UncountDecision(ctx, tx, ev.Data.ID)
}

// decided counts a decision instead of the case's last one: however often a case is opened anew, it is one case.
func (s *Service) decided(ctx context.Context, tx *pg.Tx, ev event.Envelope[exchange.CaseDecided]) (err error) {
	defer fault.Wrap(&err, "analytics.decided(%s)", ev.ID)
	fresh, err := insertApplied(ctx, tx, ev.ID)
	if err != nil || !fresh {
		return err
	}
	last, found, err := lockDecision(ctx, tx, ev.Data.ID)
	if err != nil || found && last.DecidedAt.After(ev.Data.At) { // told after a later one
		return err
	}
	if found && last.Counted {
		if err := takeDaily(ctx, tx, last); err != nil {
			return err
		}
	}
	day, err := s.day(ctx, tx, ev.Data.At)
	if err != nil {
		return err
	}
	if err := putDecision(ctx, tx, ev.Data, day); err != nil {
		return err
	}
	return addDaily(ctx, tx, ev.Data.Case, day, decision(ev.Data.Outcome, ev.Data.Kept, ev.Data.Working))
}

// decision is what a decision adds to the sums; working is in seconds.
func decision(outcome string, kept bool, working int64) Figures {
	f := Figures{Decided: 1, Working: time.Duration(working) * time.Second}
	if kept {
		f.Kept = 1
	}
	switch outcome {
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
