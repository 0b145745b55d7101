package pdf

import "testing"

// TestConjunctsAreShaped: consonants that Devanagari joins are one glyph, and a vowel sign that is written before its consonant stands
// there, though it follows in the text.
func TestConjunctsAreShaped(t *testing.T) {
	t.Parallel()
	e := engines.Get().(*engine)
	defer engines.Put(e)
	glyphs := func(text string) (n int, first int) {
		lines := e.lines(text, 400, 10, false, "hi", false)
		if len(lines) != 1 || len(lines[0].runs) != 1 {
			t.Fatalf("%s: %d lines", text, len(lines))
		}
		run := lines[0].runs[0]
		if name := fonts()[run.font].name; name != "NotoSansDevanagari-Regular" {
			t.Errorf("%s is set in %s", text, name)
		}
		return len(run.glyphs), int(run.glyphs[0].GlyphID)
	}
	for text, want := range map[string]int{"क": 1, "क्ष": 1, "त्र": 1, "ज्ञ": 1, "जन्म": 3} {
		if n, _ := glyphs(text); n != want {
			t.Errorf("%s has %d glyphs, want %d", text, n, want)
		}
	}
	_, k := glyphs("क")
	if _, first := glyphs("कि"); first == k {
		t.Error("the sign of the short i does not stand before its consonant")
	}
}
