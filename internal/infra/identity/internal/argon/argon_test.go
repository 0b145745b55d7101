package argon_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"digit/internal/infra/identity/internal/argon"
)

func TestHashAndCheck(t *testing.T) {
	t.Parallel()
	ctx, h := context.Background(), argon.New(2)
	long := strings.Repeat("a", 72)
	hash, err := h.Hash(ctx, long+"b")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("%q, %v", hash, err)
	}
	for password, want := range map[string]bool{long + "b": true, long + "c": false, long: false, "": false} {
		match, stale, err := h.Check(ctx, password, hash)
		if match != want || stale || err != nil {
			t.Errorf("%d characters: %t %t %v", len(password), match, stale, err)
		}
	}
	weak := "$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$y3jMRTtCSBNHoKhTqPZSDnO2Fv7xtlCZEmrI35wfLgk"
	if _, stale, err := h.Check(ctx, "x", weak); !stale || err != nil {
		t.Errorf("an older hash: stale %t, %v", stale, err)
	}
	if match, stale, err := h.Check(ctx, "x", argon.Nobody); match || stale || err != nil {
		t.Errorf("nobody's hash: %t %t %v", match, stale, err)
	}
	if _, _, err := h.Check(ctx, "x", "no hash"); err == nil {
		t.Error("a text that is no hash was taken")
	}
}

// TestTurns: however many ask, two compute, and who does not want to wait any longer goes.
func TestTurns(t *testing.T) {
	t.Parallel()
	h := argon.New(2)
	ctx, n := argon.Count(context.Background())
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() {
			if _, _, err := h.Check(ctx, "x", argon.Nobody); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n.Load() != 6 {
		t.Errorf("%d computations", n.Load())
	}
	full := argon.New(0)
	short, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if _, err := full.Hash(short, "x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no turn: %v", err)
	}
}

func BenchmarkCheck(b *testing.B) {
	h := argon.New(2)
	for b.Loop() {
		if _, _, err := h.Check(context.Background(), "x", argon.Nobody); err != nil {
			b.Fatal(err)
		}
	}
}
