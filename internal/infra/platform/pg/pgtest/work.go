package pgtest

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// workTimeout tells work that hangs from work on a machine that has much else to do.
const workTimeout = 2 * time.Minute

// Failed is a job that was given up: cancelled, or failed at each attempt.
type Failed struct {
	Kind  string
	State string
	Error string
}

// Work fires the due timers of db's tenants and runs the jobs enqueued through db, one at a time in their order, with
// the jobs they enqueue, until none is left. A failing job is tried three times, at once. Jobs that wait for a
// later moment stay. The test fails if a job was given up.
func Work(t testing.TB, db *pg.DB, registries ...*job.Registry) {
	t.Helper()
	for _, f := range TryWork(t, db, registries...) {
		t.Errorf("pgtest: job %s was %s: %s", f.Kind, f.State, f.Error)
	}
	if t.Failed() {
		t.FailNow()
	}
}

// TryWork is Work for tests that expect failures: it returns the jobs given up since the last call.
func TryWork(t testing.TB, db *pg.DB, registries ...*job.Registry) []Failed {
	t.Helper()
	loaded, ok := benches.Load(db)
	if !ok {
		t.Fatal("pgtest: Work needs a DB of pgtest.New")
	}
	b := loaded.(*bench)
	ctx, cancel := context.WithTimeout(t.Context(), workTimeout)
	defer cancel()
	client, err := job.NewClient(db, job.Merge(registries...), job.Options{Log: slog.New(slog.DiscardHandler), Test: &job.TestOptions{Queue: b.queue}})
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	process.Lock()
	tenants := slices.Clone(b.tenants)
	process.Unlock()
	running := false
	defer func() {
		if running {
			if err := client.Stop(context.WithoutCancel(ctx)); err != nil {
				t.Errorf("pgtest: %v", err)
			}
		}
	}()
	for { // the jobs may set timers that are due at once
		fired, err := fire(ctx, client, tenants)
		if err != nil {
			t.Fatalf("pgtest: %v", err)
		}
		left, err := waiting(ctx, db, b.queue)
		if err != nil {
			t.Fatalf("pgtest: %v", err)
		}
		if fired == 0 && len(left) == 0 {
			break
		}
		if !running {
			if err := client.River().Start(ctx); err != nil {
				t.Fatalf("pgtest: %v", err)
			}
			running = true
		}
		drain(ctx, t, db, b.queue)
	}
	failed, err := givenUp(ctx, db, b.queue)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return failed
}

func fire(ctx context.Context, client *job.Client, tenants []uuid.UUID) (fired int, err error) {
	for _, tenant := range tenants {
		n, err := client.SweepTimers(ctx, tenant)
		if err != nil {
			return fired, err
		}
		fired += n
	}
	return fired, nil
}

// drain waits until no job can run.
func drain(ctx context.Context, t testing.TB, db *pg.DB, queue string) {
	t.Helper()
	for {
		left, err := waiting(ctx, db, queue)
		if ctx.Err() != nil {
			t.Fatalf("pgtest: jobs did not end in %s: %s", workTimeout, strings.Join(left, ", "))
		}
		if err != nil {
			t.Fatalf("pgtest: %v", err)
		}
		if len(left) == 0 {
			return
		}
		time.Sleep(3 * time.Millisecond)
	}
}

// waiting lists the jobs that run or could. A client in a test does not promote scheduled jobs whose time has come, so
// that is done here.
func waiting(ctx context.Context, db *pg.DB, queue string) ([]string, error) {
	if _, err := db.Pool().Exec(ctx, `UPDATE river.river_job SET state = 'available'
		WHERE queue = $1 AND state IN ('scheduled', 'retryable') AND scheduled_at <= now()`, queue); err != nil {
		return nil, err
	}
	rows, err := db.Pool().Query(ctx, `SELECT kind || ' ' || state FROM river.river_job
		WHERE queue = $1 AND state IN ('available', 'running', 'retryable') ORDER BY id`, queue)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// givenUp takes the jobs that failed for good out of the table, so that they are told once.
func givenUp(ctx context.Context, db *pg.DB, queue string) ([]Failed, error) {
	rows, err := db.Pool().Query(ctx, `WITH gone AS (
			DELETE FROM river.river_job WHERE queue = $1 AND state IN ('discarded', 'cancelled') RETURNING id, kind, state, errors)
		SELECT kind, state::text, coalesce(errors[array_upper(errors, 1)] ->> 'error', '') FROM gone ORDER BY id`, queue)
	if err != nil {
		return nil, fmt.Errorf("jobs given up: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Failed])
}
