package quota_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/platform/quota"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestSpend(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	tenant, other := pgtest.Tenant(t, db), pgtest.Tenant(t, db)
	at := time.Date(2026, 3, 14, 12, 0, 10, 0, time.UTC)
	spend := func(tenant uuid.UUID, key string, at time.Time) error {
		return db.InTx(t.Context(), pg.Scope{Tenant: tenant, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
			tx.Wall = at
			return quota.Spend(ctx, tx, []byte(key), 3, time.Minute)
		})
	}
	for n := range 3 {
		if err := spend(tenant, "a", at); err != nil {
			t.Fatalf("time %d: %v", n+1, err)
		}
	}
	err := spend(tenant, "a", at)
	if !errors.Is(err, quota.ErrSpent) || fault.Of(err).Args[fault.RetryAfter] != 51 {
		t.Errorf("once too often: %v %v", err, fault.Of(err))
	}
	for name, err := range map[string]error{
		"another key": spend(tenant, "b", at), "another tenant": spend(other, "a", at), "the next minute": spend(tenant, "a", at.Add(50*time.Second)),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := spend(tenant, "a", at.Add(49*time.Second)); !errors.Is(err, quota.ErrSpent) {
		t.Errorf("before the minute is over: %v", err)
	}

	// Side by side no more slip through.
	var through atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := spend(tenant, "c", at); err == nil {
				through.Add(1)
			} else if !errors.Is(err, quota.ErrSpent) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if through.Load() != 3 {
		t.Errorf("%d came through side by side, want 3", through.Load())
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	tenant := pgtest.Tenant(t, db)
	count := func() (n int) {
		t.Helper()
		if err := db.InTx(t.Context(), pg.Scope{Tenant: tenant, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
			return tx.QueryRow(ctx, `SELECT count(*) FROM platform.quota`).Scan(&n)
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := db.InTx(t.Context(), pg.Scope{Tenant: tenant, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		now := tx.Wall
		for _, ago := range []time.Duration{0, 23 * time.Hour, 26 * time.Hour, 90 * 24 * time.Hour} {
			tx.Wall = now.Add(-ago)
			if err := quota.Spend(ctx, tx, []byte("a"), 1, time.Hour); err != nil {
				return err
			}
		}
		tx.Wall = now
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	jobs := job.NewRegistry()
	quota.Register(jobs)
	if err := db.InTx(t.Context(), pg.Scope{Tenant: tenant, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		return tx.Enqueue(ctx, quota.SweepArgs{})
	}); err != nil {
		t.Fatal(err)
	}
	pgtest.Work(t, db, jobs)
	if n := count(); n != 2 {
		t.Errorf("%d counts stay, want 2", n)
	}
}
