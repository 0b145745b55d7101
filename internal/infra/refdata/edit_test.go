package refdata_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/refdata"

	"github.com/google/go-cmp/cmp"
)

func codesOf(codes []refdata.Code) (list []string) {
	for _, c := range codes {
		mark := c.Code
		if !c.Active {
			mark += " closed"
		}
		list = append(list, mark)
	}
	return list
}

func TestCodesAreEditedOneByOne(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	open := func(code string) refdata.Code {
		return refdata.Code{Code: code, Name: name(code), Active: true}
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		if err := b.PutCode(ctx, tx, "trade", open("food"), 0); !errors.Is(err, refdata.ErrList) {
			t.Errorf("a list that is none: %v", err)
		}
		return b.PutCodeList(ctx, tx, refdata.CodeList{Code: "trade", Name: name("Ramos")})
	})
	check := func(want ...string) {
		t.Helper()
		b.do(func(ctx context.Context, tx *pg.Tx) error {
			codes, err := b.Codes(ctx, tx, "trade")
			if diff := cmp.Diff(want, codesOf(codes)); diff != "" {
				t.Error(diff)
			}
			return err
		})
	}
	put := func(c refdata.Code, place int) {
		t.Helper()
		b.do(func(ctx context.Context, tx *pg.Tx) error { return b.PutCode(ctx, tx, "trade", c, place) })
	}
	put(open("food"), 0)
	put(open("books"), 0)
	put(open("cars"), 1)
	check("cars", "food", "books")
	closed := open("food")
	closed.Active = false
	put(closed, 0)
	check("cars", "food closed", "books")
	put(open("cars"), 99)
	check("food closed", "books", "cars")

	changed := open("books")
	changed.Attributes = map[string]any{"fee": int64(3)}
	rows := []refdata.Code{open("toys"), changed, closed}
	for _, try := range []bool{true, false} {
		b.do(func(ctx context.Context, tx *pg.Tx) error {
			got, err := b.ImportCodes(ctx, tx, "trade", rows, try)
			if diff := cmp.Diff(refdata.Change{Added: []string{"toys"}, Changed: []string{"books"}, Same: []string{"food"}}, got); diff != "" {
				t.Error(diff)
			}
			return err
		})
		if try {
			check("food closed", "books", "cars")
		}
	}
	check("toys", "books", "food closed", "cars")
	err := b.as("staff", func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.ImportCodes(ctx, tx, "trade", []refdata.Code{open("a"), open("a")}, true)
		return err
	})
	if !errors.Is(err, refdata.ErrCode) {
		t.Errorf("a code twice: %v", err)
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		counts, err := b.CodeCounts(ctx, tx)
		if counts["trade"] != (refdata.CodeCount{Active: 3, All: 4}) {
			t.Errorf("%+v", counts)
		}
		return errors.Join(err, b.RemoveCode(ctx, tx, "trade", "cars"))
	})
	check("toys", "books", "food closed")
}

func TestWhatServicesUseIsNotRemoved(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b := &bundle{t, db, pgtest.DemoTenant(t, db), refdata.New(refdata.Deps{
		Zone: func(context.Context, *pg.Tx) (*time.Location, error) { return time.UTC, nil },
		Uses: func(context.Context, *pg.Tx) (map[string][]string, error) {
			return map[string][]string{"trade": {"licence"}}, nil
		},
	})}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		return b.PutCodes(ctx, tx, refdata.CodeList{Code: "trade", Name: name("Ramos")}, []refdata.Code{{Code: "food", Name: name("Alimentação")}})
	})
	err := b.as("staff", func(ctx context.Context, tx *pg.Tx) error { return b.RemoveCode(ctx, tx, "trade", "food") })
	if !errors.Is(err, refdata.ErrInUse) {
		t.Errorf("removed although a service uses it: %v", err)
	}
}

func TestAreasAreClosedAndImported(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	rows := []refdata.Boundary{{Code: "CV-PR", Parent: "CV", Level: "municipality", Name: name("Praia")}, {Code: "CV", Level: "country", Name: name("Cabo Verde")}}
	for _, try := range []bool{true, false} {
		b.do(func(ctx context.Context, tx *pg.Tx) error {
			got, err := b.ImportBoundaries(ctx, tx, rows, try)
			if diff := cmp.Diff(refdata.Change{Added: []string{"CV-PR", "CV"}}, got); diff != "" {
				t.Error(diff)
			}
			return err
		})
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		again, err := b.ImportBoundaries(ctx, tx, append(rows[:1:1], refdata.Boundary{Code: "CV", Level: "country", Name: name("República")}), true)
		if diff := cmp.Diff(refdata.Change{Changed: []string{"CV"}, Same: []string{"CV-PR"}}, again); diff != "" {
			t.Error(diff)
		}
		return errors.Join(err, b.CloseBoundary(ctx, tx, "CV-PR", true), b.PutBoundaries(ctx, tx, rows[:1]))
	})
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		offered, err := b.Choices(ctx, tx, "municipality", "")
		praia, err2 := b.Boundary(ctx, tx, "CV-PR")
		if len(offered) != 0 || !praia.Closed {
			t.Errorf("closed, and offered: %v %+v", offered, praia)
		}
		return errors.Join(err, err2)
	})
	err := b.as("staff", func(ctx context.Context, tx *pg.Tx) error { return b.CloseBoundary(ctx, tx, "nowhere", true) })
	if !errors.Is(err, refdata.ErrBoundary) {
		t.Errorf("a place that is none: %v", err)
	}
}

func TestNumbersGoForwardsOnly(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		tx.Now = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
		err := b.PutFormat(ctx, tx, "licence", "L-{yyyy}-{seq:3}")
		_, err2 := b.NextNumber(ctx, tx, "licence")
		err3 := b.SkipNumbers(ctx, tx, "licence", 10)
		list, err4 := b.Formats(ctx, tx)
		if diff := cmp.Diff([]refdata.Format{{Code: "licence", Pattern: "L-{yyyy}-{seq:3}", Next: 10, Example: "L-2026-010"}}, list); diff != "" {
			t.Error(diff)
		}
		got, err5 := b.NextNumber(ctx, tx, "licence")
		if got != "L-2026-010" {
			t.Errorf("next is %s", got)
		}
		return errors.Join(err, err2, err3, err4, err5)
	})
	for format, want := range map[string]error{"licence": refdata.ErrBackwards, "nothing": refdata.ErrFormat} {
		err := b.as("staff", func(ctx context.Context, tx *pg.Tx) error {
			tx.Now = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
			return b.SkipNumbers(ctx, tx, format, 11)
		})
		if !errors.Is(err, want) {
			t.Errorf("%s back to 11: %v", format, err)
		}
	}
	if _, err := refdata.Example("no number", 2026, 1); !errors.Is(err, refdata.ErrFormat) {
		t.Error(err)
	}
}
