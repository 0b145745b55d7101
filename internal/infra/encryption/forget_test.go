package encryption_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
)

// TestForgottenEverywhereAtOnce: another process, which used the key a moment ago, learns of its end, also where a transaction
// that began before still reads it from its snapshot.
func TestForgottenEverywhereAtOnce(t *testing.T) {
	t.Parallel()
	p := twins(t, 12)
	person := p.people[1]
	var mine, others uuid.UUID
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) (err error) {
		if mine, err = p.a.write(ctx, tx, person); err != nil {
			return err
		}
		others, err = p.a.write(ctx, tx, p.people[2])
		return err
	})
	reads := func(by *process, row uuid.UUID) error {
		return by.as(p.tenant, pg.System(), func(ctx context.Context, tx *pg.Tx) error { return by.read(ctx, tx, row) })
	}
	if err := errors.Join(reads(p.b, mine), reads(p.b, others)); err != nil {
		t.Fatal(err)
	}
	old := pg.Scope{Tenant: p.tenant, Actor: pg.System(), ReadOnly: true}
	err := p.b.db.InTx(context.Background(), old, func(ctx context.Context, tx *pg.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT 1`).Scan(new(int)); err != nil { // its snapshot is taken
			return err
		}
		called := 0
		p.a.OnForget(func(_ context.Context, _ *pg.Tx, who uuid.UUID) error {
			if called++; who != person {
				t.Errorf("told of %s", who)
			}
			return nil
		})
		for range 2 {
			p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error { return p.a.Forget(ctx, tx, person) })
		}
		if called != 2 {
			t.Errorf("told %d times", called)
		}
		hears(t, "the other process", func() bool { return errors.Is(reads(p.b, mine), encryption.ErrForgotten) })
		return p.b.read(ctx, tx, mine) // as it was when this transaction began
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := reads(p.b, mine); !errors.Is(err, encryption.ErrForgotten) {
		t.Fatalf("a transaction of before brought the key back: %v", err)
	}
	if err := errors.Join(reads(p.a, others), reads(p.b, others)); err != nil {
		t.Fatalf("another person: %v", err)
	}
	if err := p.a.as(p.tenant, pg.System(), func(ctx context.Context, tx *pg.Tx) error { return p.a.Forget(ctx, tx, uuid.Nil) }); !errors.Is(err, encryption.ErrNoKey) {
		t.Errorf("nobody: %v", err)
	}
}

// TestNothingIsUsedForLongWithoutALine: a process that hears nothing forgets everything when the line is there again.
func TestNothingIsUsedForLongWithoutALine(t *testing.T) {
	t.Parallel()
	p := twins(t, 3)
	person := p.people[1]
	deaf := &process{Service: encryption.New(encryption.Deps{Root: p.root, Times: quick}), db: p.b.db}
	var row uuid.UUID
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) (err error) {
		row, err = p.a.write(ctx, tx, person)
		return err
	})
	reads := func() error {
		return deaf.as(p.tenant, pg.System(), func(ctx context.Context, tx *pg.Tx) error { return deaf.read(ctx, tx, row) })
	}
	if err := reads(); err != nil {
		t.Fatal(err)
	}
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error { return p.a.Forget(ctx, tx, person) })
	if err := reads(); err != nil { // for cacheTime at most
		t.Fatal(err)
	}
	listen(t, deaf.db, deaf.Listen)
	if err := reads(); !errors.Is(err, encryption.ErrForgotten) {
		t.Fatalf("the line is there: %v", err)
	}
}
