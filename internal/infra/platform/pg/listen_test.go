package pg_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

// ear listens on a channel of the test's own.
func ear(t *testing.T, db *pg.DB, channel string) (heard chan string, gaps chan bool) {
	t.Helper()
	heard, gaps = make(chan string, 10), make(chan bool, 10)
	l := pg.NewListener(db)
	l.On(channel, func(payload string) { heard <- payload })
	l.OnGap(func() { gaps <- true })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan bool)
	go func() { l.Run(ctx); close(ended) }()
	t.Cleanup(func() { cancel(); <-ended })
	wait(t, gaps) // it listens from here on
	return heard, gaps
}

func wait[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came in 20 s")
		panic("unreachable")
	}
}

func TestNoticesComeAfterCommitToEverybody(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s := scope(pgtest.Tenant(t, db))
	channel := "test_" + strings.ReplaceAll(id.New().String(), "-", "")
	one, _ := ear(t, db, channel)
	other, _ := ear(t, db, channel)
	undone := errors.New("undone")
	err := db.InTx(t.Context(), s, func(ctx context.Context, tx *pg.Tx) error {
		return errors.Join(tx.Notify(ctx, channel, "rolled back"), undone)
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if err := db.InTx(t.Context(), s, func(ctx context.Context, tx *pg.Tx) error { return tx.Notify(ctx, channel, "done") }); err != nil {
		t.Fatal(err)
	}
	for _, heard := range []chan string{one, other} {
		if got := wait(t, heard); got != "done" {
			t.Errorf("heard %q", got)
		}
	}
}

func TestALostConnectionIsToldAndMadeAnew(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	channel := "test_" + strings.ReplaceAll(id.New().String(), "-", "")
	heard, gaps := ear(t, db, channel)
	super, err := pgx.Connect(t.Context(), pgtest.SuperURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(context.WithoutCancel(t.Context()))
	if _, err := super.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN "' || $1 || '"%'`, channel); err != nil {
		t.Fatal(err)
	}
	wait(t, gaps) // lost
	wait(t, gaps) // there again
	if err := db.InTx(t.Context(), scope(pgtest.Tenant(t, db)), func(ctx context.Context, tx *pg.Tx) error { return tx.Notify(ctx, channel, "after") }); err != nil {
		t.Fatal(err)
	}
	if got := wait(t, heard); got != "after" {
		t.Errorf("heard %q", got)
	}
}
