package encryption_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

// BenchmarkKeys is what requests pay for cryptography, with the keys in memory as they are after the first use. "person, cold"
// is the first use: reading and unwrapping the person's key.
func BenchmarkKeys(b *testing.B) {
	root, _, err := encryption.NewRoot()
	if err != nil {
		b.Fatal(err)
	}
	s, pool := encryption.New(encryption.Deps{Root: root}), pgtest.New(b)
	tenant, person := pgtest.Tenant(b, pool), id.New()
	place := encryption.Place{Table: "encryption.sample", Column: "value", Row: id.New()}
	field := []byte("Maria da Luz Tavares Lopes")
	in := func(work func(ctx context.Context, tx *pg.Tx) error) {
		b.Helper()
		if err := pool.InTx(b.Context(), pg.Scope{Tenant: tenant, Actor: pg.System()}, work); err != nil {
			b.Fatal(err)
		}
	}
	var sealed []byte
	var signed string
	use := func(ctx context.Context, tx *pg.Tx) (err error) {
		for _, who := range []uuid.UUID{uuid.Nil, person} {
			if sealed, err = s.Seal(ctx, tx, who, place, field); err != nil {
				return err
			}
		}
		if _, err = s.BlindIndex(ctx, tx, "sample", "x"); err != nil {
			return err
		}
		signed, err = s.Sign(ctx, tx, dgrni, nil, field)
		return err
	}
	in(use) // makes the keys
	in(use) // keeps them in memory
	for _, bench := range []struct {
		name string
		do   func(ctx context.Context, tx *pg.Tx) error
	}{
		{"seal", func(ctx context.Context, tx *pg.Tx) error {
			_, err := s.Seal(ctx, tx, person, place, field)
			return err
		}},
		{"open", func(ctx context.Context, tx *pg.Tx) error {
			_, err := s.Open(ctx, tx, person, place, sealed)
			return err
		}},
		{"blind index", func(ctx context.Context, tx *pg.Tx) error {
			_, err := s.BlindIndex(ctx, tx, "sample", "maria@mail.example")
			return err
		}},
		{"sign", func(ctx context.Context, tx *pg.Tx) error { _, err := s.Sign(ctx, tx, dgrni, nil, field); return err }},
		{"verify", func(ctx context.Context, tx *pg.Tx) error { _, err := s.Verify(ctx, tx, signed); return err }},
		{"person, cold", func(ctx context.Context, tx *pg.Tx) error {
			s.Afresh()
			_, err := s.Open(ctx, tx, person, place, sealed)
			return err
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			in(func(ctx context.Context, tx *pg.Tx) error {
				for b.Loop() {
					if err := bench.do(ctx, tx); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
}
