package blind_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"digit/internal/infra/encryption/blind"
)

func TestPhone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"991 12 34": "+2389911234", "+238 991-1234": "+2389911234", "+351 912 345 678": "+351912345678",
		"٩٩١١٢٣٤": "+2389911234", "12": "", "nobody": "", "": "", "+238 1": "",
	} {
		if got, ok := blind.Phone(text, "CV"); got != want || ok != (want != "") {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestEmail(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		" Ana.Tavares@Demo.EXAMPLE ": "Ana.Tavares@demo.example", "a@b.c": "a@b.c", "a@b@c": "", "Ana <a@b.c>": "", "ana": "", "": "",
		strings.Repeat("a", 250) + "@b.cv": "",
	} {
		if got, ok := blind.Email(text); got != want || ok != (want != "") {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"João  ÉVORA": {"joao", "evora"}, "LIC-2026-000123": {"lic", "2026", "000123"}, "Ça, d'Água": {"ca", "d", "agua"},
		"مُحَمَّد علـــي": {"محمد", "علي"}, "ﬁnança": {"financa"}, " ": {}, "": {},
	} {
		if got := blind.Words(text); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestBeginnings(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]string{"an", "ana", "ta", "tav", "tava"}, blind.Beginnings("Ana Tavares e", 2, 4)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"an", "tava"}, blind.Sought("an TAVARES e Tavarinho", 2, 4)); diff != "" {
		t.Error(diff)
	}
}

// TestWhatIsStoredIsFound: whoever types the beginning of any word of a text asks for something that is stored.
func TestWhatIsStoredIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		stored := blind.Beginnings(text, 2, 10)
		for _, word := range blind.Words(text) {
			letters := []rune(word)
			typed := string(letters[:rapid.IntRange(1, len(letters)).Draw(t, "letters")])
			for _, asked := range blind.Sought(typed, 2, 10) {
				if !slices.Contains(stored, asked) {
					t.Fatalf("%q asks for %q, stored are %q", typed, asked, stored)
				}
			}
		}
	})
}
