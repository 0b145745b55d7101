package encryption_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"digit/internal/infra/platform/pg"
)

// TestPrefixes: a text is found by the beginnings of its words, all of which must be there, and by no other tenant's.
func TestPrefixes(t *testing.T) {
	t.Parallel()
	b, other := setup(t), setup(t)
	var stored [][]byte
	b.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		stored, err = b.service.PrefixIndexes(ctx, tx, "name", "João Évora e Silva", 2, 4)
		return err
	})
	if len(stored) != 9 { // jo joa joao ev evo evor si sil silv
		t.Errorf("%d beginnings stored", len(stored))
	}
	found := func(b *bundle, field, query string) (yes bool) {
		b.in(t, func(ctx context.Context, tx *pg.Tx) error {
			sought, words, err := b.service.SoughtIndexes(ctx, tx, field, query, 2, 4)
			hits := 0
			for _, s := range sought {
				if slices.ContainsFunc(stored, func(have []byte) bool { return bytes.Equal(have, s) }) {
					hits++
				}
			}
			yes = words > 0 && hits == words
			return err
		})
		return yes
	}
	for query, want := range map[string]bool{"joao": true, "JOÃO évo": true, "silva joão": true, "evora silvestre": true, "ana joao": false, "e": false, "oao": false, "": false} {
		if got := found(b, "name", query); got != want {
			t.Errorf("%q: found is %v", query, got)
		}
	}
	if found(b, "reference", "joao") || found(other, "name", "joao") {
		t.Error("found in another field or by another tenant")
	}
}

// TestShortIndexes: cut to a few bits, many values share a digest; the first bits are those of the whole.
func TestShortIndexes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		seen := map[string]bool{}
		for day := range 3000 {
			short, err := b.service.ShortIndexes(ctx, tx, "birth", 8, string(rune(day)))
			if err != nil {
				return err
			}
			seen[string(short[0])] = true
		}
		if len(seen) < 200 || len(seen) > 256 {
			t.Errorf("%d digests of a byte", len(seen))
		}
		whole, err := b.service.BlindIndex(ctx, tx, "birth", "1990-01-01")
		if err != nil {
			return err
		}
		short, err := b.service.ShortIndexes(ctx, tx, "birth", 24, "1990-01-01")
		if err == nil && !bytes.Equal(short[0], whole[:3]) {
			t.Errorf("%x is not how %x begins", short[0], whole)
		}
		return err
	})
}
