package pg_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func scope(tenant uuid.UUID) pg.Scope { return pg.Scope{Tenant: tenant, Actor: pg.System()} }

// insertEvent writes a row of a tenant table; platform.event serves as one.
func insertEvent(ctx context.Context, tx *pg.Tx, columns string, values ...any) error {
	switch columns {
	case "":
		_, err := tx.Exec(ctx, `INSERT INTO platform.event (id, name, subject, time, actor, data) VALUES ($1, 'x', 'y', now(), '{}', '{}')`, id.New())
		return err
	default:
		_, err := tx.Exec(ctx, `INSERT INTO platform.event (tenant_id, id, name, subject, time, actor, data) VALUES ($1, $2, 'x', 'y', now(), '{}', '{}')`, values[0], id.New())
		return err
	}
}

func countEvents(t *testing.T, db *pg.DB, tenant uuid.UUID) (n int) {
	t.Helper()
	err := db.InTx(t.Context(), pg.Scope{Tenant: tenant, ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM platform.event`).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTenantsAreKeptApart(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	a, b := pgtest.Tenant(t, db), pgtest.Tenant(t, db)
	for range 2 {
		if err := db.InTx(t.Context(), scope(a), func(ctx context.Context, tx *pg.Tx) error { return insertEvent(ctx, tx, "") }); err != nil {
			t.Fatal(err)
		}
	}
	if got := countEvents(t, db, a); got != 2 {
		t.Errorf("the owner of the rows sees %d of 2", got)
	}
	if got := countEvents(t, db, b); got != 0 {
		t.Errorf("a stranger sees %d rows", got)
	}
	err := db.InTx(t.Context(), scope(b), func(ctx context.Context, tx *pg.Tx) error { return insertEvent(ctx, tx, "tenant_id", a) })
	if code := sqlState(err); code != "42501" {
		t.Errorf("insert for another tenant: state %q, want 42501 (%v)", code, err)
	}
	// outside InTx, on a connection that has served a tenant before, nothing shows and nothing raises
	var n int
	if err := db.Pool().QueryRow(t.Context(), `SELECT count(*) FROM platform.event`).Scan(&n); err != nil || n != 0 {
		t.Errorf("without a tenant: %d rows, error %v", n, err)
	}
}

func TestUnknownTenant(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	err := db.InTx(t.Context(), scope(id.New()), func(context.Context, *pg.Tx) error { t.Error("work was called"); return nil })
	if !errors.Is(err, pg.ErrUnknownTenant) {
		t.Errorf("got %v", err)
	}
}

func TestBeginCostsOneRoundTrip(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	tenant := pgtest.Tenant(t, db)
	work := func(ctx context.Context, tx *pg.Tx) error {
		var one int
		return tx.QueryRow(ctx, `SELECT 1`).Scan(&one)
	}
	var last int
	for range 12 { // until every connection of the pool has its statements prepared
		ctx, trips := pg.CountRoundTrips(t.Context())
		if err := db.InTx(ctx, scope(tenant), work); err != nil {
			t.Fatal(err)
		}
		last = trips.N()
	}
	if last != 3 {
		t.Errorf("%d round trips for begin, one query and commit, want 3", last)
	}
}

func TestRollback(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	tenant := pgtest.Tenant(t, db)
	boom := errors.New("boom")
	hooked := false
	err := db.InTx(t.Context(), scope(tenant), func(ctx context.Context, tx *pg.Tx) error {
		tx.AfterCommit(func() { hooked = true })
		if err := insertEvent(ctx, tx, ""); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) || hooked {
		t.Errorf("error %v, hook called: %v", err, hooked)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = db.InTx(t.Context(), scope(tenant), func(ctx context.Context, tx *pg.Tx) error {
			if err := insertEvent(ctx, tx, ""); err != nil {
				return err
			}
			panic("boom")
		})
	}()
	if got := countEvents(t, db, tenant); got != 0 {
		t.Errorf("%d rows survived", got)
	}
	if stat := db.Pool().Stat(); stat.AcquiredConns() != 0 {
		t.Errorf("%d connections were not given back", stat.AcquiredConns())
	}
}

func TestReadOnlyRefusesWrites(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	tenant := pgtest.Tenant(t, db)
	err := db.InTx(t.Context(), pg.Scope{Tenant: tenant, ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) error { return insertEvent(ctx, tx, "") })
	if code := sqlState(err); code != "25006" {
		t.Errorf("state %q (%v)", code, err)
	}
}

func TestAfterCommitRunsInOrder(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var got []int
	err := db.InTx(t.Context(), scope(pgtest.Tenant(t, db)), func(_ context.Context, tx *pg.Tx) error {
		tx.AfterCommit(func() { got = append(got, 1) })
		tx.AfterCommit(func() { got = append(got, 2) })
		return nil
	})
	if err != nil || len(got) != 2 || got[0] != 1 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestTimesAreUTC(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	err := db.InTx(t.Context(), scope(pgtest.Tenant(t, db)), func(ctx context.Context, tx *pg.Tx) error {
		var at time.Time
		var many []time.Time
		if err := tx.QueryRow(ctx, `SELECT now(), ARRAY[now()]`).Scan(&at, &many); err != nil {
			return err
		}
		if at.Location() != time.UTC || many[0].Location() != time.UTC || tx.Now.Location() != time.UTC {
			t.Errorf("zones %v, %v, %v", at.Location(), many[0].Location(), tx.Now.Location())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSerializableIsRepeated(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	tenant := pgtest.Tenant(t, db)
	// each unit counts the rows and writes one: two at once would both see none
	runs, met := 0, make(chan struct{})
	unit := func(first bool) error {
		sc := scope(tenant)
		sc.Serializable = true
		seen := false
		return db.InTx(t.Context(), sc, func(ctx context.Context, tx *pg.Tx) error {
			if first {
				runs++
			}
			var n int
			if err := tx.QueryRow(ctx, `SELECT count(*) FROM platform.event`).Scan(&n); err != nil {
				return err
			}
			if first && !seen {
				seen = true
				met <- struct{}{} // let the other one run through
				<-met
			}
			return insertEvent(ctx, tx, "")
		})
	}
	done := make(chan error)
	go func() { done <- unit(true) }()
	<-met
	if err := unit(false); err != nil {
		t.Fatal(err)
	}
	met <- struct{}{}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if runs != 2 || countEvents(t, db, tenant) != 2 {
		t.Errorf("%d runs, %d rows", runs, countEvents(t, db, tenant))
	}
}

func TestLostConnection(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	tenant := pgtest.Tenant(t, db)
	err := db.InTx(t.Context(), scope(tenant), func(ctx context.Context, tx *pg.Tx) error {
		var pid int
		if err := tx.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
			return err
		}
		kill(t, pid)
		return insertEvent(ctx, tx, "")
	})
	if !errors.Is(err, pg.ErrUnavailable) || fault.Of(err).Cause == nil {
		t.Errorf("in the middle: %v", err)
	}
	if err := db.InTx(t.Context(), scope(tenant), func(ctx context.Context, tx *pg.Tx) error { return insertEvent(ctx, tx, "") }); err != nil {
		t.Errorf("the pool did not recover: %v", err)
	}
	if _, err := pg.Open(t.Context(), "postgres://digit_app@/none?host=/nowhere", pg.Options{}); !errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("no server: %v", err)
	}
}

// TestClosedWhileIdle: connections that the server closed behind the pool's back, as its restart does, cost nobody an
// answer, not even when all of them were used a moment ago.
func TestClosedWhileIdle(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	tenant := pgtest.Tenant(t, db)
	super, err := pgx.Connect(t.Context(), pgtest.SuperURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(context.WithoutCancel(t.Context()))
	for _, ask := range []func() error{
		func() error {
			return db.InTx(t.Context(), scope(tenant), func(context.Context, *pg.Tx) error { return nil })
		},
		func() error {
			_, err := db.TenantBySlug(t.Context(), "nobody")
			return err
		},
	} {
		used, err := db.Pool().Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		pid := used.Conn().PgConn().PID()
		used.Release() // the next to ask gets this one
		if _, err := super.Exec(t.Context(), `SELECT pg_terminate_backend($1)`, int32(pid)); err != nil {
			t.Fatal(err)
		}
		if err := ask(); err != nil && !errors.Is(err, pg.ErrUnknownTenant) {
			t.Errorf("after the connections were closed: %v", err)
		}
	}
}

func TestOpenRefusesSuperuser(t *testing.T) {
	t.Parallel()
	db, err := pg.Open(t.Context(), pgtest.SuperURL(t), pg.Options{})
	if err == nil {
		db.Close()
		t.Fatal("a superuser was let in")
	}
	if errors.Is(err, pg.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	demo, production := pgtest.DemoTenant(t, db), pgtest.Tenant(t, db)
	if err := db.AdvanceClock(t.Context(), demo, 48*time.Hour+250*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	err := db.InTx(t.Context(), scope(demo), func(_ context.Context, tx *pg.Tx) error {
		if got := tx.Now.Sub(tx.Wall); got != 48*time.Hour+250*time.Millisecond {
			t.Errorf("the clock is %s ahead", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.AdvanceClock(t.Context(), production, time.Hour); !errors.Is(err, pg.ErrClockFixed) {
		t.Errorf("production: %v", err)
	}
	if err := db.AdvanceClock(t.Context(), demo, -time.Hour); !errors.Is(err, pg.ErrClockBackwards) {
		t.Errorf("backwards: %v", err)
	}
	// and not by SQL either
	_, err = db.Pool().Exec(t.Context(), `UPDATE platform.tenant SET clock_offset = '1 day' WHERE id = $1`, production)
	if pg.Constraint(err) != "tenant_clock_fixed_check" {
		t.Errorf("update of a production clock: %v", err)
	}
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	tenant := pgtest.Tenant(t, db)
	host := tenant.String() + ".Example.org"
	if err := db.SetDomain(t.Context(), host, tenant); err != nil {
		t.Fatal(err)
	}
	row, err := db.TenantByHost(t.Context(), host)
	if err != nil || row.ID != tenant || row.Kind != "production" || row.Status != "active" {
		t.Errorf("by host: %+v, %v", row, err)
	}
	if again, err := db.TenantBySlug(t.Context(), row.Slug); err != nil || again != row {
		t.Errorf("by slug: %+v, %v", again, err)
	}
	if _, err := db.TenantBySlug(t.Context(), "nobody"); !errors.Is(err, pg.ErrUnknownTenant) {
		t.Errorf("unknown: %v", err)
	}
	if err := db.CreateTenant(t.Context(), pg.TenantRow{ID: id.New(), Slug: row.Slug, Kind: "demo"}); !errors.Is(err, pg.ErrSlugTaken) {
		t.Errorf("taken: %v", err)
	}
	if err := db.CreateTenant(t.Context(), pg.TenantRow{ID: id.New(), Slug: "-bad-", Kind: "demo"}); fault.Of(err).Kind != fault.KindInvalid {
		t.Errorf("bad slug: %v", err)
	}
}

func kill(t *testing.T, pid int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), pgtest.SuperURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), `SELECT pg_terminate_backend($1, 5000)`, pid); err != nil {
		t.Fatal(err)
	}
}

func sqlState(err error) string {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return pe.Code
	}
	return ""
}
