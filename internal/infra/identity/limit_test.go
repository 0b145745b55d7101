package identity_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"digit/internal/infra/identity"
)

// TestLimitsOfGuessing: whenever somebody tries, no quarter of an hour has more than ten tries, nobody waits longer than
// an hour, and who waits as long as he is told may try.
func TestLimitsOfGuessing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var g identity.Guess
		now := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
		var taken []time.Time
		for range rapid.IntRange(1, 60).Draw(t, "tries") {
			now = now.Add(time.Duration(rapid.IntRange(0, 1800).Draw(t, "seconds later")) * time.Second)
			wait := g.At(now)
			if wait > time.Hour {
				t.Fatalf("wait %s", wait)
			}
			if wait > 0 {
				if !rapid.Bool().Draw(t, "waits") {
					continue
				}
				now = now.Add(wait)
				if again := g.At(now); again != 0 {
					t.Fatalf("waited %s and is told %s more", wait, again)
				}
			}
			taken = append(taken, now)
			if n := len(taken); n > 20 && now.Sub(taken[n-21]) < 15*time.Minute {
				t.Fatalf("twenty-one tries in %s", now.Sub(taken[n-21]))
			}
		}
	})
}
