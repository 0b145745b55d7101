package id_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"digit/internal/infra/platform/id"
)

func TestIDsSortByTime(t *testing.T) {
	t.Parallel()
	last := id.New()
	for range 1000 {
		next := id.New()
		if bytes.Compare(last[:], next[:]) >= 0 {
			t.Fatalf("%s does not come after %s", next, last)
		}
		last = next
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	seen, digits := map[string]bool{}, map[rune]int{}
	for range 1000 {
		token := id.Token(16)
		if seen[token] || len(token) != 22 {
			t.Fatalf("token %q", token)
		}
		seen[token] = true
		code := id.Digits(6)
		if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
			t.Fatalf("code %q", code)
		}
		for _, d := range code {
			digits[d]++
		}
	}
	for d := '0'; d <= '9'; d++ { // 600 expected; further off than one in a million million
		if digits[d] < 400 || digits[d] > 800 {
			t.Errorf("%c comes %d times in 6000", d, digits[d])
		}
	}
	for range 100 {
		if n := id.Below(3); n < 0 || n > 2 {
			t.Fatalf("%d is not below 3", n)
		}
	}
	if got := hex.EncodeToString(id.Digest("abc")); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" { // FIPS 180-4
		t.Errorf("the digest of abc is %s", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("a number below nothing")
		}
	}()
	id.Below(0)
}
