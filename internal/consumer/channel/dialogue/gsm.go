package dialogue

import (
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

// The alphabet of text messages, and what of it takes two septets (3GPP TS 23.038, 6.2.1).
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmTwice = "^{}\\[~]|€\f"
)

// Septets returns how many septets a text takes in the alphabet of text messages; ok is false where it has other characters
// and must be written in UCS-2.
func Septets(s string) (n int, ok bool) {
	for _, r := range s {
		switch {
		case strings.ContainsRune(gsmBasic, r):
			n++
		case strings.ContainsRune(gsmTwice, r):
			n += 2
		default:
			return 0, false
		}
	}
	return n, true
}

// units are the UCS-2 characters that a text takes.
func units(s string) int { return len(utf16.Encode([]rune(s))) }

// plainer are characters that have a plain one in their place.
var plainer = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "–", "-", "—", "-", "‘", "'", "’", "'", "“", "\"", "”", "\"", "…", "...", "·", "-", "•", "-", "º", "o", "ª", "a", "✓", "*", "²", "2", "³", "3")

// Fold writes a text of a Latin script in the alphabet of text messages, leaving away the accents that it does not have, so
// that a screen holds more than twice as much. A text of another script stays as it is.
func Fold(s string) string {
	s = plainer.Replace(s)
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) }) {
		return s
	}
	var out strings.Builder
	for _, r := range s {
		if _, ok := Septets(string(r)); ok {
			out.WriteRune(r)
			continue
		}
		for _, part := range norm.NFD.String(string(r)) {
			if _, ok := Septets(string(part)); ok {
				out.WriteRune(part)
			}
		}
	}
	return out.String()
}
