package studio_test

import (
	"strings"
	"testing"

	"digit/web/studio"
)

// TestSMSParts counts as 3GPP TS 23.038 and 23.040 do.
func TestSMSParts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text              string
		parts, characters int
	}{
		{"", 0, 0},
		{"Pedido recebido.", 1, 16},
		{strings.Repeat("a", 160), 1, 160},
		{strings.Repeat("a", 161), 2, 161},
		{strings.Repeat("a", 306), 2, 306},
		{strings.Repeat("a", 307), 3, 307},
		{strings.Repeat("€", 80), 1, 80},
		{strings.Repeat("€", 81), 2, 81},
		{"Não há", 1, 6}, // ã is not in the alphabet
		{strings.Repeat("ã", 70), 1, 70},
		{strings.Repeat("ã", 71), 2, 71},
		{strings.Repeat("م", 135), 3, 135},
		{strings.Repeat("😀", 35), 1, 35},
		{strings.Repeat("😀", 36), 2, 36},
	} {
		if parts, characters := studio.SMSParts(c.text); parts != c.parts || characters != c.characters {
			t.Errorf("%.10q… (%d): %d parts of %d, want %d of %d", c.text, len(c.text), parts, characters, c.parts, c.characters)
		}
	}
}
