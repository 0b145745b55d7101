package job_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/migrate"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

type note struct {
	job.Tenant
	Text string `json:"text"`
}

func (note) Kind() string { return "test.note" }

func enqueue(t *testing.T, db *pg.DB, scope pg.Scope, args ...river.JobArgs) {
	t.Helper()
	err := db.InTx(t.Context(), scope, func(ctx context.Context, tx *pg.Tx) error {
		for _, a := range args {
			if err := tx.Enqueue(ctx, a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestJobsRunInTheirTenantInOrder(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	a, b := pgtest.Tenant(t, db), pgtest.Tenant(t, db)
	person := id.New()
	var got []note
	registry := job.NewRegistry()
	job.AddTx(registry, func(ctx context.Context, tx *pg.Tx, args note) error {
		if tx.Tenant != args.TenantID || tx.Actor.Kind != "system" || tx.Actor.OnBehalf != person {
			t.Errorf("scope %+v for %+v", tx.Scope, args)
		}
		got = append(got, args)
		if args.Text == "first" {
			return tx.Enqueue(ctx, note{Text: "child"})
		}
		return nil
	})
	who := pg.Actor{ID: person, Kind: "person"}
	enqueue(t, db, pg.Scope{Tenant: a, Actor: who}, note{Text: "first"}, &note{Text: "second"})
	enqueue(t, db, pg.Scope{Tenant: b, Actor: who}, note{Text: "other"})
	pgtest.Work(t, db, registry)
	var texts []string
	for _, n := range got {
		texts = append(texts, n.Text)
	}
	if !slices.Equal(texts, []string{"first", "second", "other", "child"}) {
		t.Errorf("ran %v", texts)
	}
	if got[2].TenantID != b || got[3].TenantID != a {
		t.Error("a job ran in the wrong tenant")
	}
}

func TestRollbackDropsJobAndTimer(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	tenant := pgtest.Tenant(t, db)
	boom := errors.New("boom")
	err := db.InTx(t.Context(), pg.Scope{Tenant: tenant}, func(ctx context.Context, tx *pg.Tx) error {
		return errors.Join(tx.Enqueue(ctx, note{}), tx.At(ctx, tx.Now, "k", note{}), boom)
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	registry := job.NewRegistry()
	job.AddTx(registry, func(context.Context, *pg.Tx, note) error { t.Error("ran"); return nil })
	pgtest.Work(t, db, registry)
}

type bare struct{}

func (bare) Kind() string { return "test.bare" }

func TestArgsWithoutTenantAreRefused(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	err := db.InTx(t.Context(), pg.Scope{Tenant: pgtest.Tenant(t, db)}, func(ctx context.Context, tx *pg.Tx) error { return tx.Enqueue(ctx, bare{}) })
	if err == nil {
		t.Error("stored")
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	hopeless := fault.Conflict("test.hopeless")
	for name, c := range map[string]struct {
		fail     func(run int) error
		runs     int
		failures []string
	}{
		"stumbles once":  {func(run int) error { return map[bool]error{true: errors.New("not yet")}[run == 1] }, 2, nil},
		"never works":    {func(int) error { return errors.New("no") }, 3, []string{"discarded"}},
		"makes no sense": {func(int) error { return hopeless }, 1, []string{"cancelled"}},
		"panics once": {func(run int) error {
			if run == 1 {
				panic("oops")
			}
			return nil
		}, 2, nil},
		"database away once": {func(run int) error { return map[bool]error{true: pg.ErrUnavailable}[run == 1] }, 2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			runs := 0
			registry := job.NewRegistry()
			job.Add(registry, func(_ context.Context, _ *pg.DB, j *river.Job[note]) error {
				runs++
				return c.fail(runs)
			})
			enqueue(t, db, pg.Scope{Tenant: pgtest.Tenant(t, db)}, note{})
			var states []string
			for _, f := range pgtest.TryWork(t, db, registry) {
				states = append(states, f.State)
			}
			if runs != c.runs || !slices.Equal(states, c.failures) {
				t.Errorf("%d runs, given up %v; want %d, %v", runs, states, c.runs, c.failures)
			}
		})
	}
}

func TestTimersFireUnderTimeTravel(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	tenant := pgtest.DemoTenant(t, db)
	var fired []string
	registry := job.NewRegistry()
	job.AddTx(registry, func(_ context.Context, _ *pg.Tx, args note) error { fired = append(fired, args.Text); return nil })
	scope := pg.Scope{Tenant: tenant, Actor: pg.System()}
	err := db.InTx(t.Context(), scope, func(ctx context.Context, tx *pg.Tx) error {
		return errors.Join(
			tx.At(ctx, tx.Now.Add(72*time.Hour), "late", note{Text: "late"}),
			tx.At(ctx, tx.Now.Add(24*time.Hour), "soon", note{Text: "soon"}),
			tx.At(ctx, tx.Now.Add(2*time.Hour), "moved", note{Text: "moved"}),
			tx.At(ctx, tx.Now.Add(30*time.Hour), "moved", note{Text: "moved on"}),
			tx.At(ctx, tx.Now.Add(time.Hour), "cancelled", note{Text: "cancelled"}),
			tx.CancelTimer(ctx, "cancelled"),
			tx.At(ctx, tx.Now, "now", note{Text: "now"}),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
	expect := func(want ...string) {
		t.Helper()
		pgtest.Work(t, db, registry)
		if !slices.Equal(fired, want) {
			t.Errorf("fired %v, want %v", fired, want)
		}
		fired = nil
	}
	expect("now")
	if err := db.AdvanceClock(t.Context(), tenant, 48*time.Hour); err != nil {
		t.Fatal(err)
	}
	expect("soon", "moved on")
	expect()
	if err := db.AdvanceClock(t.Context(), tenant, 48*time.Hour); err != nil {
		t.Fatal(err)
	}
	expect("late")
}

// TestDone shows that a job given to AddTx is marked done by its own transaction.
func TestDone(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	registry := job.NewRegistry()
	var job64 atomic.Int64
	job.AddTx(registry, func(ctx context.Context, tx *pg.Tx, _ note) error {
		var n int64
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM river.river_job WHERE args ->> 'tenant_id' = $1 AND state = 'running'`, tx.Tenant.String()).Scan(&n); err != nil {
			return err
		}
		job64.Store(n)
		return nil
	})
	tenant := pgtest.Tenant(t, db)
	enqueue(t, db, pg.Scope{Tenant: tenant}, note{})
	pgtest.Work(t, db, registry)
	var state string
	if err := db.Pool().QueryRow(t.Context(), `SELECT state FROM river.river_job WHERE args ->> 'tenant_id' = $1`, tenant.String()).Scan(&state); err != nil {
		t.Fatal(err)
	}
	if job64.Load() != 1 || state != "completed" {
		t.Errorf("%d running, then %s", job64.Load(), state)
	}
}

func TestRegistryRefusesKinds(t *testing.T) {
	t.Parallel()
	nothing := func(context.Context, *pg.Tx, note) error { return nil }
	refused := func(what string, f func()) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Errorf("%s was accepted", what)
			}
		}()
		f()
	}
	refused("a kind twice", func() { r := job.NewRegistry(); job.AddTx(r, nothing); job.AddTx(r, nothing) })
	refused("a shapeless kind", func() { job.AddTx(job.NewRegistry(), func(context.Context, *pg.Tx, shapeless) error { return nil }) })
}

type shapeless struct{ job.Tenant }

func (shapeless) Kind() string { return "shapeless" }

// TestClient runs the client of production, on a database of its own since it works everybody's queue.
func TestClient(t *testing.T) {
	t.Parallel()
	ownerURL, appURL := pgtest.Scratch(t)
	if err := migrate.Up(t.Context(), ownerURL); err != nil {
		t.Fatal(err)
	}
	db, err := pg.Open(t.Context(), appURL, pg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	demo := pg.TenantRow{ID: id.New(), Slug: "demo", Kind: "demo"}
	other := pg.TenantRow{ID: id.New(), Slug: "other", Kind: "sandbox"}
	if err := errors.Join(db.CreateTenant(t.Context(), demo), db.CreateTenant(t.Context(), other)); err != nil {
		t.Fatal(err)
	}
	ran := make(chan note, 10)
	hourly := make(chan uuid.UUID, 10)
	registry := job.NewRegistry()
	job.AddTx(registry, func(_ context.Context, _ *pg.Tx, args note) error { ran <- args; return nil })
	job.AddTx(registry, func(_ context.Context, _ *pg.Tx, args tidy) error { hourly <- args.TenantID; return nil })
	job.Every(registry, time.Hour, tidy{})
	client, err := job.NewClient(db, registry, job.Options{})
	if err != nil {
		t.Fatal(err)
	}
	db.Use(client, nil)
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := client.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}()
	scope := pg.Scope{Tenant: demo.ID, Actor: pg.System()}
	err = db.InTx(t.Context(), scope, func(ctx context.Context, tx *pg.Tx) error {
		return errors.Join(tx.Enqueue(ctx, note{Text: "at once"}), tx.At(ctx, tx.Now.Add(time.Hour), "k", note{Text: "later"}))
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := receive(t, ran); got.Text != "at once" || got.TenantID != demo.ID {
		t.Errorf("ran %+v", got)
	}
	if err := db.AdvanceClock(t.Context(), demo.ID, 2*time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, ran); got.Text != "later" {
		t.Errorf("ran %+v", got)
	}
	seen := []uuid.UUID{receive(t, hourly), receive(t, hourly)}
	if !slices.Contains(seen, demo.ID) || !slices.Contains(seen, other.ID) {
		t.Errorf("the regular job ran for %v", seen)
	}
}

type tidy struct{ job.Tenant }

func (tidy) Kind() string { return "test.tidy" }

func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came in 20 s")
		panic("unreachable")
	}
}
