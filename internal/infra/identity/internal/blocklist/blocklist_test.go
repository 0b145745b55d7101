package blocklist_test

import (
	"strings"
	"testing"

	"digit/internal/infra/identity/internal/blocklist"
)

func TestHas(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"123456", "password", "qwerty", "zxcvbnm", "letmein", "1qaz2wsx3edc4rfv", "passwordpassword"} {
		if !blocklist.Has(word) {
			t.Errorf("%q is not in the list", word)
		}
	}
	for _, word := range []string{"", "\n", "pass word", "Password", "zzzzzzzzzzzzzzzzzzzzzzz", "nevoeiro-na-serra", strings.Repeat("a", 1000), "\xff", "é"} {
		if blocklist.Has(word) {
			t.Errorf("%q is in the list", word)
		}
	}
}

// TestEnough: the three thousand that are tried first are there in the lengths that are let in (ASVS 6.2.4), and many more.
func TestEnough(t *testing.T) {
	t.Parallel()
	if n := blocklist.Count(8); n < 10_000 {
		t.Errorf("%d words of eight letters and more", n)
	}
}
