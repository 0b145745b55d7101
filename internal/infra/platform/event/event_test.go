package event_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/platform/event"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

type raised struct {
	Demand string `json:"demand"`
}

func (raised) EventName() string      { return "payment.demand.raised.v1" }
func (e raised) EventSubject() string { return e.Demand }

func TestEachSubscriberHearsOnItsOwn(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	tenant := pgtest.Tenant(t, db)
	registry := job.NewRegistry()
	bus := event.NewBus(registry)
	db.Use(nil, bus)

	heard := map[string][]event.Envelope[raised]{}
	stumbles := 1
	event.Subscribe(bus, "one", func(_ context.Context, tx *pg.Tx, ev event.Envelope[raised]) error {
		heard["one"] = append(heard["one"], ev)
		if tx.Tenant != tenant || tx.Actor.Kind != "system" {
			t.Errorf("scope %+v", tx.Scope)
		}
		return nil
	})
	event.Subscribe(bus, "two", func(_ context.Context, _ *pg.Tx, ev event.Envelope[raised]) error {
		if stumbles--; stumbles >= 0 {
			return errors.New("not yet")
		}
		heard["two"] = append(heard["two"], ev)
		return nil
	})

	person := pg.Actor{ID: id.New(), Kind: "person", IP: "192.0.2.1", Session: id.New()}
	var at time.Time
	err := db.InTx(t.Context(), pg.Scope{Tenant: tenant, Actor: person}, func(ctx context.Context, tx *pg.Tx) error {
		at = tx.Now
		return tx.Publish(ctx, raised{Demand: "D-1"})
	})
	if err != nil {
		t.Fatal(err)
	}
	pgtest.Work(t, db, registry)
	for _, who := range []string{"one", "two"} {
		if len(heard[who]) != 1 {
			t.Fatalf("%s heard %d times", who, len(heard[who]))
		}
		ev := heard[who][0]
		if ev.Data.Demand != "D-1" || !ev.Time.Equal(at) || ev.Tenant != tenant {
			t.Errorf("%s heard %+v", who, ev)
		}
		if want := (pg.Actor{ID: person.ID, Kind: "person"}); !reflect.DeepEqual(ev.Actor, want) {
			t.Errorf("actor %+v, want %+v: address and session do not travel", ev.Actor, want)
		}
	}
	if heard["one"][0].ID != heard["two"][0].ID {
		t.Error("the two heard of different events")
	}
}

func TestNoEventAfterRollback(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	registry := job.NewRegistry()
	bus := event.NewBus(registry)
	db.Use(nil, bus)
	event.Subscribe(bus, "one", func(context.Context, *pg.Tx, event.Envelope[raised]) error {
		t.Error("heard of what never happened")
		return nil
	})
	boom := errors.New("boom")
	err := db.InTx(t.Context(), pg.Scope{Tenant: pgtest.Tenant(t, db)}, func(ctx context.Context, tx *pg.Tx) error {
		return errors.Join(tx.Publish(ctx, raised{Demand: "D-1"}), boom)
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	pgtest.Work(t, db, registry)
}

func TestEventsAreAppendOnly(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	tenant := pgtest.Tenant(t, db)
	for _, statement := range []string{`UPDATE platform.event SET data = '{}'`, `DELETE FROM platform.event`} {
		err := db.InTx(t.Context(), pg.Scope{Tenant: tenant}, func(ctx context.Context, tx *pg.Tx) error {
			_, err := tx.Exec(ctx, statement)
			return err
		})
		if err == nil {
			t.Errorf("%s was allowed", statement)
		}
	}
}

func TestEnvelopeIsACloudEvent(t *testing.T) {
	t.Parallel()
	ev := event.Envelope[raised]{
		ID: uuid.MustParse("01980000-0000-7000-8000-000000000001"), Tenant: uuid.MustParse("01980000-0000-7000-8000-000000000002"),
		Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600)), Actor: pg.Actor{ID: id.New(), Kind: "person"}, Data: raised{Demand: "D-1"},
	}
	b, err := json.Marshal(ev)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"specversion": "1.0", "id": "01980000-0000-7000-8000-000000000001", "source": "urn:digit:tenant:01980000-0000-7000-8000-000000000002",
		"type": "payment.demand.raised.v1", "subject": "D-1", "time": "2026-03-01T11:00:00Z", "datacontenttype": "application/json",
		"data": map[string]any{"demand": "D-1"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSubscribingTwicePanics(t *testing.T) {
	t.Parallel()
	bus := event.NewBus(job.NewRegistry())
	nothing := func(context.Context, *pg.Tx, event.Envelope[raised]) error { return nil }
	event.Subscribe(bus, "one", nothing)
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	event.Subscribe(bus, "one", nothing)
}
