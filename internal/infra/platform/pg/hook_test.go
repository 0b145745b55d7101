package pg_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

type shelf struct{}

func TestHooksRunBeforeTheCommit(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	scope := pg.Scope{Tenant: pgtest.Tenant(t, db), Actor: pg.System()}
	boom := errors.New("boom")
	run := func(end, hook error) (seen []string, err error) {
		err = db.InTx(t.Context(), scope, func(_ context.Context, tx *pg.Tx) error {
			for _, word := range []string{"one", "two"} {
				list := tx.Local(shelf{}, func() any {
					made := &[]string{}
					tx.BeforeCommit(func(context.Context) error {
						seen = *made
						return hook
					})
					return made
				}).(*[]string)
				*list = append(*list, word)
			}
			return end
		})
		return seen, err
	}
	for name, c := range map[string]struct {
		end, hook, want error
		seen            []string
	}{
		"committed":   {nil, nil, nil, []string{"one", "two"}},
		"kept":        {pg.Keep(boom), nil, boom, []string{"one", "two"}},
		"rolled back": {boom, nil, boom, nil},
		"refused":     {nil, boom, boom, []string{"one", "two"}},
	} {
		seen, err := run(c.end, c.hook)
		if !errors.Is(err, c.want) || !slices.Equal(seen, c.seen) {
			t.Errorf("%s: saw %v, %v", name, seen, err)
		}
	}
}

// TestARefusedHookUndoesTheWork shows that what a hook refuses is not there afterwards.
func TestARefusedHookUndoesTheWork(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	tenant := pgtest.Tenant(t, db)
	err := db.InTx(t.Context(), scope(tenant), func(ctx context.Context, tx *pg.Tx) error {
		tx.BeforeCommit(func(context.Context) error { return errors.New("no") })
		return insertEvent(ctx, tx, "")
	})
	if err == nil || countEvents(t, db, tenant) != 0 {
		t.Errorf("%v, %d rows", err, countEvents(t, db, tenant))
	}
}
