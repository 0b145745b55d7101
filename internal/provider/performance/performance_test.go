package performance_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/event"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/provider/performance"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

type bundle struct {
	t        *testing.T
	db       *pg.DB
	tenant   uuid.UUID
	now      time.Time
	registry *job.Registry
	service  *performance.Service
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{t: t, db: pgtest.New(t), registry: job.NewRegistry(), service: performance.New()}
	b.tenant = pgtest.Tenant(t, b.db)
	bus := event.NewBus(b.registry)
	b.service.Subscribe(bus)
	b.db.Use(nil, bus)
	b.tx(func(_ context.Context, tx *pg.Tx) error {
		b.now = tx.Now.UTC().Truncate(time.Second)
		return nil
	})
	return b
}

func (b *bundle) tx(work func(ctx context.Context, tx *pg.Tx) error) {
	b.t.Helper()
	if err := b.db.InTx(b.t.Context(), pg.Scope{Tenant: b.tenant, Actor: pg.System()}, work); err != nil {
		b.t.Fatal(err)
	}
}

// publish tells the events one after the other.
func (b *bundle) publish(events ...pg.Event) {
	b.t.Helper()
	for _, ev := range events {
		b.tx(func(ctx context.Context, tx *pg.Tx) error { return tx.Publish(ctx, ev) })
		pgtest.Work(b.t, b.db, b.registry)
	}
}

func (b *bundle) at(days int) time.Time { return b.now.AddDate(0, 0, days) }

func (b *bundle) due(days int) *time.Time {
	t := b.at(days)
	return &t
}

func (b *bundle) summary() []performance.SLA {
	b.t.Helper()
	var list []performance.SLA
	b.tx(func(ctx context.Context, tx *pg.Tx) (err error) {
		list, err = b.service.Summary(ctx, tx, analyst(""), performance.Range{From: b.at(-30), To: b.at(1)}, "")
		return err
	})
	return list
}

func analyst(agency string) identity.Principal {
	return identity.Principal{Account: id.New(), Kind: identity.KindStaff, Grants: []identity.Grant{
		{Role: "analyst", Agency: agency, Permissions: []string{performance.Read}},
	}}
}

func newCase(service, agency string, at time.Time) exchange.Case {
	return exchange.Case{ID: id.New(), Service: service, Agency: agency, Boundary: "CV-PR", At: at}
}

func later(c exchange.Case, at time.Time) exchange.Case {
	c.At = at
	return c
}

func TestPromises(t *testing.T) {
	t.Parallel()
	b := setup(t)
	start := b.at(-10)
	kept, broken, late, paused, fresh, gone, free := newCase("licence", "cmp", start), newCase("licence", "cmp", start), newCase("licence", "cmp", start),
		newCase("licence", "cmp", start), newCase("licence", "cmp", start), newCase("licence", "cmp", start), newCase("light", "iluminacao", start)
	events := []pg.Event{
		exchange.CaseReceived{Case: kept, DueAt: b.due(-2)},
		exchange.CaseReceived{Case: broken, DueAt: b.due(-5)},
		exchange.CaseReceived{Case: late, DueAt: b.due(-1)},
		exchange.CaseReceived{Case: paused, DueAt: b.due(-1)},
		exchange.CaseReceived{Case: fresh, DueAt: b.due(3)},
		exchange.CaseReceived{Case: gone, DueAt: b.due(3)},
		exchange.CaseReceived{Case: free},
		exchange.CaseMoved{Case: later(paused, b.at(-3)), From: "review", To: "correction", Kind: "citizen", DueAt: b.due(-1), Paused: true},
		exchange.CaseDecided{Case: later(kept, b.at(-3)), Outcome: "approved", Kept: true, Working: 3600},
		exchange.CaseDecided{Case: later(broken, b.at(-3)), Outcome: "rejected", Working: 7200},
		exchange.CaseDecided{Case: later(gone, b.at(-3)), Outcome: "withdrawn", Kept: true, Working: 60},
		exchange.CaseDecided{Case: later(free, b.at(-3)), Outcome: "approved", Kept: true, Working: 1800},
	}
	b.publish(events...)
	want := []performance.SLA{
		{Agency: "cmp", Service: "licence", Open: 3, Overdue: 1, Paused: 1, Kept: 1, Breached: 1, Decided: 2, Median: time.Hour},
		{Agency: "iluminacao", Service: "light", Decided: 1, Median: 30 * time.Minute},
	}
	if diff := cmp.Diff(want, b.summary()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if p, ok := want[0].Percent(); p != 50 || !ok {
		t.Errorf("percent %d %v", p, ok)
	}
	if _, ok := want[1].Percent(); ok {
		t.Error("a share of no promises")
	}
	b.publish(events...) // told again, as new events even: they say the same
	if diff := cmp.Diff(want, b.summary()); diff != "" {
		t.Errorf("told again (-want +got):\n%s", diff)
	}
	b.tx(func(ctx context.Context, tx *pg.Tx) error {
		list, err := b.service.Overdue(ctx, tx, analyst("cmp"), "", page.Request{})
		if err != nil {
			return err
		}
		if len(list.Rows) != 1 || list.Rows[0].Case != late.ID || !list.Rows[0].DueAt.Equal(b.at(-1)) {
			t.Errorf("overdue: %+v", list.Rows)
		}
		if _, err := b.service.Overdue(ctx, tx, analyst("dgrni"), "cmp", page.Request{}); !errors.Is(err, performance.ErrForbidden) {
			t.Errorf("another agency's: %v", err)
		}
		half, err := b.service.Median(ctx, tx, analyst(""), performance.Range{From: b.at(-30), To: b.at(1)}, "cmp")
		if half != (performance.Half{Decided: 2, Time: time.Hour}) {
			t.Errorf("median %+v", half)
		}
		return err
	})
}

// TestAnyOrder tells of a case backwards: what is known in the end is the same.
func TestAnyOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := newCase("licence", "cmp", b.at(-10))
	b.publish(
		exchange.CaseMoved{Case: later(c, b.at(-2)), From: "correction", To: "review", DueAt: b.due(4)},
		exchange.CaseMoved{Case: later(c, b.at(-5)), From: "review", To: "correction", DueAt: b.due(-1), Paused: true},
		exchange.CaseReceived{Case: c, DueAt: b.due(-3)},
	)
	want := []performance.SLA{{Agency: "cmp", Service: "licence", Open: 1}}
	if diff := cmp.Diff(want, b.summary()); diff != "" {
		t.Errorf("open (-want +got):\n%s", diff)
	}
	other := newCase("licence", "cmp", b.at(-10))
	b.publish(
		exchange.CaseDecided{Case: later(other, b.at(-1)), Outcome: "approved", Kept: false, Working: 60},
		exchange.CaseReceived{Case: other, DueAt: b.due(-2)},
	)
	want[0].Breached, want[0].Decided, want[0].Median = 1, 1, time.Minute
	if diff := cmp.Diff(want, b.summary()); diff != "" {
		t.Errorf("decided before received (-want +got):\n%s", diff)
	}
}

func TestOverduePages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for n := range 5 {
		b.publish(exchange.CaseReceived{Case: newCase("licence", "cmp", b.at(-20)), DueAt: b.due(-1 - n)})
	}
	b.tx(func(ctx context.Context, tx *pg.Tx) error {
		var seen []time.Time
		for req := (page.Request{Size: 2}); ; {
			list, err := b.service.Overdue(ctx, tx, analyst(""), "", req)
			if err != nil {
				return err
			}
			for _, l := range list.Rows {
				seen = append(seen, l.DueAt.UTC())
			}
			if req.After = list.Next; req.After == "" {
				break
			}
		}
		want := []time.Time{b.at(-5), b.at(-4), b.at(-3), b.at(-2), b.at(-1)}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if _, err := b.service.Overdue(ctx, tx, analyst(""), "", page.Request{After: "nonsense"}); !errors.Is(err, page.ErrCursor) {
			t.Errorf("nonsense: %v", err)
		}
		return nil
	})
}

// TestMeasured counts what was asked for since a day, and how long the decisions took.
func TestMeasured(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var events []pg.Event
	for n := range 10 {
		c := newCase("licence", "cmp", b.at(-20))
		events = append(events, exchange.CaseReceived{Case: c}, exchange.CaseDecided{
			Case: later(c, b.at(-10)), Outcome: "approved", Working: int64(n+1) * 3600,
		})
	}
	gone, old, open := newCase("licence", "cmp", b.at(-20)), newCase("permit", "cmp", b.at(-200)), newCase("help", "cmp", b.at(-1))
	events = append(events,
		exchange.CaseReceived{Case: gone}, exchange.CaseDecided{Case: later(gone, b.at(-19)), Outcome: "withdrawn", Working: 99 * 3600},
		exchange.CaseReceived{Case: old}, exchange.CaseDecided{Case: later(old, b.at(-150)), Outcome: "approved", Working: 3600},
		exchange.CaseReceived{Case: open},
	)
	b.publish(events...)
	b.tx(func(ctx context.Context, tx *pg.Tx) error {
		got, err := b.service.Measured(ctx, tx, b.at(-90))
		want := []performance.Measured{
			{Service: "help", Received: 1},
			{Service: "licence", Received: 11, Decided: 10, Median: 5 * time.Hour, Most: 9 * time.Hour},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		return err
	})
}
