package catalog

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// How much a word counts by where it stands. A word that only another language's text has counts least, so that
// somebody who reads in one language and types in another still finds the service.
const (
	weightName    = 16
	weightKeyword = 8
	weightSummary = 4
	weightOther   = 1
)

// minWord is the length from which a word is worth looking for where others are given too: "de", "of", "a" say little.
const minWord = 3

// maxWords bounds the work of one search.
const maxWords = 8

// words returns the words of a text as they are compared: lower case, without accents and vowel signs, cut at
// everything that is neither letter nor digit.
func words(text string) []string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r) || r == 'ـ': // accents, vowel signs, the Arabic stretching stroke
		case r == 'ى':
			b.WriteRune('ي')
		case r == 'ة':
			b.WriteRune('ه')
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Fields(b.String())
}

// spellings returns the forms under which a word is kept: itself and, for Arabic, without the article.
func spellings(word string) []string {
	if bare, ok := strings.CutPrefix(word, "ال"); ok && len([]rune(bare)) >= minWord {
		return []string{word, bare}
	}
	return []string{word}
}

// asked returns the words to look for in what a person typed; short ones only where there is nothing else.
func asked(text string) []string {
	all := words(text)
	var long []string
	for _, w := range all {
		if len([]rune(w)) >= minWord {
			long = append(long, w)
		}
	}
	if len(long) == 0 {
		long = all
	}
	return long[:min(len(long), maxWords)]
}

// after is the end of the range of all tokens that begin with a word, in byte order.
func after(word string) string { return word + "\U0010FFFF" }

// index collects tokens of one service: language → token → best weight.
type index map[string]map[string]int16

func (x index) add(lang, text string, weight int16) {
	if x[lang] == nil {
		x[lang] = map[string]int16{}
	}
	for _, w := range words(text) {
		for _, s := range spellings(w) {
			x[lang][s] = max(x[lang][s], weight)
		}
	}
}

// share gives every language the words of all others, at the least weight.
func (x index) share() {
	for from, tokens := range x {
		for to := range x {
			if to == from {
				continue
			}
			for t := range tokens {
				x[to][t] = max(x[to][t], weightOther)
			}
		}
	}
}
