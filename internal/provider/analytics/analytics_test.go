package analytics_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/event"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/provider/analytics"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var praia = time.FixedZone("Atlantic/Cape_Verde", -3600)

type bundle struct {
	t        *testing.T
	db       *pg.DB
	tenant   uuid.UUID
	registry *job.Registry
	service  *analytics.Service
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{t: t, db: pgtest.New(t), registry: job.NewRegistry()}
	b.tenant = pgtest.Tenant(t, b.db)
	bus := event.NewBus(b.registry)
	b.service = analytics.New(analytics.Deps{Zone: func(context.Context, *pg.Tx) (*time.Location, error) { return praia, nil }})
	b.service.Subscribe(bus)
	b.db.Use(nil, bus)
	return b
}

func (b *bundle) tx(work func(ctx context.Context, tx *pg.Tx) error) {
	b.t.Helper()
	if err := b.db.InTx(b.t.Context(), pg.Scope{Tenant: b.tenant, Actor: pg.System()}, work); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) publish(events ...pg.Event) {
	b.t.Helper()
	b.tx(func(ctx context.Context, tx *pg.Tx) error {
		for _, ev := range events {
			if err := tx.Publish(ctx, ev); err != nil {
				return err
			}
		}
		return nil
	})
	pgtest.Work(b.t, b.db, b.registry)
}

// replay delivers every event of the tenant again.
func (b *bundle) replay() {
	b.t.Helper()
	subscriber := map[string]string{
		"exchange.case.received.v1": "analytics.received", "exchange.case.moved.v1": "analytics.moved", "exchange.case.decided.v1": "analytics.decided",
		"exchange.case.paid.v1": "analytics.paid", "exchange.case.overdue.v1": "analytics.overdue",
	}
	b.tx(func(ctx context.Context, tx *pg.Tx) error {
		rows, err := tx.Query(ctx, `SELECT id, name FROM platform.event`)
		if err != nil {
			return err
		}
		type row struct {
			id   uuid.UUID
			name string
		}
		var all []row
		for rows.Next() {
			var r row
			if err := rows.Scan(&r.id, &r.name); err != nil {
				return err
			}
			all = append(all, r)
		}
		for _, r := range all {
			if err := tx.Enqueue(ctx, event.Deliver{EventID: r.id, Event: r.name, Subscriber: subscriber[r.name]}); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	pgtest.Work(b.t, b.db, b.registry)
}

func analyst(agency, boundary string) identity.Principal {
	return identity.Principal{Account: id.New(), Kind: identity.KindStaff, Grants: []identity.Grant{
		{Role: "analyst", Agency: agency, Boundary: boundary, Permissions: []string{analytics.Read}},
	}}
}

func caseAt(service, agency string, at time.Time) exchange.Case {
	return exchange.Case{ID: id.New(), Service: service, Agency: agency, Boundary: "CV-PR", At: at}
}

func cve(minor int64) money.Amount { return money.Amount{Minor: minor, Currency: "CVE"} }

// week publishes what happens in the tests: days of November 2026, on which 00:30 UTC is still the evening before in Praia.
func (b *bundle) week() {
	tuesday := time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)
	night := time.Date(2026, 11, 4, 0, 30, 0, 0, time.UTC)
	friday := time.Date(2026, 11, 6, 9, 0, 0, 0, time.UTC)
	one, two := caseAt("trade-licence", "cmp", tuesday), caseAt("trade-licence", "cmp", night)
	birth := caseAt("birth-certificate", "dgrni", friday)
	at := func(c exchange.Case, t time.Time) exchange.Case { c.At = t; return c }
	b.publish(
		exchange.CaseReceived{Case: one}, exchange.CaseReceived{Case: two}, exchange.CaseReceived{Case: birth},
		exchange.CaseMoved{Case: at(one, friday), From: "review", To: "payment", Kind: "payment", Working: 3600},
		exchange.CasePaid{Case: at(one, friday), Amount: cve(250000)}, exchange.CasePaid{Case: at(two, friday), Amount: cve(100000)},
		exchange.CaseDecided{Case: at(one, friday), Outcome: "approved", Kept: true, Working: 7200},
		exchange.CaseDecided{Case: at(two, friday), Outcome: "rejected", Working: 14400},
		exchange.CaseOverdue{Case: at(two, friday), DueAt: friday},
	)
}

var november = analytics.Range{From: civil.Date{Year: 2026, Month: 11, Day: 1}, To: civil.Date{Year: 2026, Month: 11, Day: 7}}

func TestSumsAndOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.week()
	want := analytics.Figures{
		Received: 3, Decided: 2, Approved: 1, Rejected: 1, Kept: 1, Overdue: 1, Moved: 1, Working: 6 * time.Hour, Revenue: []money.Amount{cve(350000)},
	}
	for _, round := range []string{"first", "replayed"} {
		b.tx(func(ctx context.Context, tx *pg.Tx) error {
			got, err := b.service.Summary(ctx, tx, analyst("", ""), november, "")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", round, diff)
			}
			if got.Average() != 3*time.Hour {
				t.Errorf("%s: average %s", round, got.Average())
			}
			return err
		})
		b.replay()
	}
}

func TestDaysOfTheTenant(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.week()
	b.tx(func(ctx context.Context, tx *pg.Tx) error {
		days, err := b.service.Series(ctx, tx, analyst("", ""), november, "")
		if err != nil {
			return err
		}
		var received []int64
		for _, d := range days {
			received = append(received, d.Received)
		}
		if diff := cmp.Diff([]int64{0, 0, 2, 0, 0, 1, 0}, received); diff != "" {
			t.Errorf("by day (-want +got):\n%s", diff)
		}
		if got := days[5].Paid("CVE"); got != cve(350000) {
			t.Errorf("Friday's revenue %v", got)
		}
		return nil
	})
}

func TestByServiceAndReach(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.week()
	b.tx(func(ctx context.Context, tx *pg.Tx) error {
		list, err := b.service.ByService(ctx, tx, analyst("", ""), november, "")
		if err != nil {
			return err
		}
		if len(list) != 2 || list[0].Service != "trade-licence" || list[0].Received != 2 || list[0].Paid("CVE") != cve(350000) || list[1].Received != 1 {
			t.Errorf("by service: %+v", list)
		}
		for _, c := range []struct {
			who      identity.Principal
			agency   string
			received int64
			err      error
		}{
			{analyst("", ""), "cmp", 2, nil},
			{analyst("cmp", ""), "", 2, nil},
			{analyst("dgrni", ""), "", 1, nil},
			{analyst("dgrni", ""), "dgrni", 1, nil},
			{analyst("dgrni", ""), "cmp", 0, analytics.ErrForbidden},
			{analyst("cmp", "CV-PR"), "", 0, analytics.ErrForbidden},
			{identity.Principal{}, "", 0, analytics.ErrForbidden},
		} {
			f, err := b.service.Summary(ctx, tx, c.who, november, c.agency)
			if !errors.Is(err, c.err) || f.Received != c.received {
				t.Errorf("%+v asks for %q: %d, %v", c.who.Grants, c.agency, f.Received, err)
			}
		}
		return nil
	})
	other := pgtest.Tenant(t, b.db)
	err := b.db.InTx(t.Context(), pg.Scope{Tenant: other, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		f, err := b.service.Summary(ctx, tx, analyst("", ""), november, "")
		if f.Received != 0 {
			t.Errorf("another tenant sees %d", f.Received)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRange(t *testing.T) {
	t.Parallel()
	r := analytics.LastDays(civil.Date{Year: 2026, Month: 11, Day: 7}, 7)
	if diff := cmp.Diff(november, r); diff != "" {
		t.Errorf("last days (-want +got):\n%s", diff)
	}
	if before := r.Before(); before.To.AddDays(1) != r.From || before.Days() != 7 {
		t.Errorf("before: %+v", before)
	}
	b := setup(t)
	b.tx(func(ctx context.Context, tx *pg.Tx) error {
		for _, r := range []analytics.Range{{From: november.To, To: november.From}, analytics.LastDays(november.To, 1000)} {
			if _, err := b.service.Series(ctx, tx, analyst("", ""), r, ""); !errors.Is(err, analytics.ErrRange) {
				t.Errorf("%v: %v", r, err)
			}
		}
		return nil
	})
}

// TestReopenedCountsOnce: a case that is opened anew is no decided one until it is decided again, and then counts by its last decision,
// however often it is told and in whichever order.
func TestReopenedCountsOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	day := func(d int) time.Time { return time.Date(2026, 11, d, 12, 0, 0, 0, time.UTC) }
	one := caseAt("trade-licence", "cmp", day(1))
	at := func(d int) exchange.Case { c := one; c.At = day(d); return c }
	check := func(what string, want analytics.Figures) {
		t.Helper()
		b.tx(func(ctx context.Context, tx *pg.Tx) error {
			got, err := b.service.Summary(ctx, tx, analyst("", ""), november, "")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
			return err
		})
	}
	b.publish(
		exchange.CaseReceived{Case: at(1)}, exchange.CaseMoved{Case: at(2), To: "granted", Kind: "end"},
		exchange.CaseDecided{Case: at(2), Outcome: "rejected", Kept: true, Working: 3600},
	)
	check("decided", analytics.Figures{Received: 1, Decided: 1, Rejected: 1, Kept: 1, Moved: 1, Working: time.Hour})
	b.publish(exchange.CaseMoved{Case: at(3), To: "review", Kind: "work"}, exchange.CaseMoved{Case: at(4), To: "approval", Kind: "work"})
	check("opened anew", analytics.Figures{Received: 1, Moved: 3})
	b.publish(exchange.CaseDecided{Case: at(5), Outcome: "approved", Working: 7200})
	again := analytics.Figures{Received: 1, Decided: 1, Approved: 1, Moved: 3, Working: 2 * time.Hour}
	check("decided again", again)
	b.publish(exchange.CaseDecided{Case: at(2), Outcome: "rejected", Kept: true, Working: 3600}, exchange.CaseMoved{Case: at(4), To: "approval", Kind: "work"})
	again.Moved = 4
	check("an earlier decision told late", again)
	b.publish(exchange.CaseDecided{Case: at(6), Outcome: "withdrawn", Working: 7200})
	again.Approved, again.Withdrawn = 0, 1
	check("decided without having been seen to open", again)
	b.replay()
	check("replayed", again)
}
