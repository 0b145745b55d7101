package catalog

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold returns a text as it is compared: lower case, without accents and vowel signs, and with the forms of one Arabic letter
// made one. What is neither letter nor digit becomes a space.
func fold(text string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r) || r == 'ـ': // accents, vowel signs, the Arabic stretching stroke
		case r == 'ى':
			b.WriteRune('ي')
		case r == 'ة':
			b.WriteRune('ه')
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// word is one word of a text: as it is written in lower case, and folded.
type word struct{ shown, form string }

// span is where a word stands in a text, in bytes.
type span struct{ from, to int }

// spans cuts a text at everything that is no part of a word.
func spans(text string) (list []span) {
	from := -1
	for i, r := range text {
		inside := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
		switch {
		case inside && from < 0:
			from = i
		case !inside && from >= 0:
			list, from = append(list, span{from, i}), -1
		}
	}
	if from >= 0 {
		list = append(list, span{from, len(text)})
	}
	return list
}

// wordsOf returns the words of a text in their order.
func wordsOf(text string) (list []word) {
	text = norm.NFC.String(text)
	for _, s := range spans(text) {
		shown := strings.ToLower(text[s.from:s.to])
		for _, form := range strings.Fields(fold(shown)) {
			list = append(list, word{shown, form})
		}
	}
	return list
}

// titleLength is how much of a name counts for the order, in bytes: an index takes no endless text.
const titleLength = 200

// titleOf is by what a name is put in order.
func titleOf(name string) string {
	title := strings.Join(strings.Fields(fold(name)), " ")
	if len(title) > titleLength {
		title = strings.ToValidUTF8(title[:titleLength], "")
	}
	return title
}
