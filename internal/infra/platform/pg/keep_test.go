package pg_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

func TestKeepCommitsAndStillAnswersWithTheError(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	scope := pg.Scope{Tenant: pgtest.Tenant(t, db), Actor: pg.System()}
	refusal := errors.New("wrong code")
	run := func(key string, end error) (after bool) {
		err := db.InTx(context.Background(), scope, func(ctx context.Context, tx *pg.Tx) error {
			tx.AfterCommit(func() { after = true })
			if _, err := tx.Exec(ctx, `INSERT INTO platform.timer (key, due_at, kind, args) VALUES ($1, now(), 'a.b', '{}')`, key); err != nil {
				return err
			}
			return end
		})
		if !errors.Is(err, end) {
			t.Errorf("%s: got %v", key, err)
		}
		return after
	}
	if run("undone", refusal) || !run("kept", fmt.Errorf("finishing: %w", pg.Keep(refusal))) || !run("fine", pg.Keep(nil)) {
		t.Error("hooks follow commits and nothing else")
	}
	var n int
	err := db.InTx(context.Background(), scope, func(ctx context.Context, tx *pg.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM platform.timer WHERE key IN ('undone', 'kept', 'fine')`).Scan(&n)
	})
	if err != nil || n != 2 {
		t.Fatalf("%d rows, %v", n, err)
	}
}
