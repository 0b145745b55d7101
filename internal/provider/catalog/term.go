package catalog

import (
	"strings"

	"digit/internal/provider/catalog/internal/catalogdb"
)

// maxWords bounds the work of one search.
const maxWords = 8

// term is something to look for: any of its ranges of tokens. Exact takes the corrected word and no longer one.
type term struct {
	word  word
	stems []string
	exact bool
}

// asked returns what to look for in what a person typed; short words only where there is nothing else.
func asked(lang, text string) (terms []term) {
	all := wordsOf(text)
	var long []word
	for _, w := range all {
		if len([]rune(w.form)) >= minWord {
			long = append(long, w)
		}
	}
	if len(long) == 0 {
		long = all
	}
	for _, w := range long[:min(len(long), maxWords)] {
		terms = append(terms, term{word: w, stems: stemsOf(lang, w)})
	}
	return terms
}

// has reports whether a word of a text is what is looked for.
func (t term) has(lang string, w word) bool {
	for _, f := range forms(w.form) {
		if f == t.word.form || !t.exact && strings.HasPrefix(f, t.word.form) {
			return true
		}
	}
	for _, s := range stemsOf(lang, w) {
		for _, own := range t.stems {
			if s == own {
				return true
			}
		}
	}
	return false
}

// lookup is what the database is asked for: numbered alternatives, each a range of tokens of a language.
type lookup struct {
	all                []string // the languages to look in
	numbers            []int32
	langs, lows, highs []string
	filters, words     int32
}

// newLookup looks in a language, and among withdrawn services too if asked to.
func newLookup(lang string, withdrawn bool) *lookup {
	if withdrawn {
		return &lookup{all: []string{lang, hidden + lang}}
	}
	return &lookup{all: []string{lang}}
}

func (l *lookup) from(number int32, low, high string) {
	for _, lang := range l.all {
		l.numbers = append(l.numbers, number)
		l.langs, l.lows, l.highs = append(l.langs, lang), append(l.lows, low), append(l.highs, high)
	}
}

// word adds a word to be found.
func (l *lookup) word(t term) {
	l.words++
	if t.exact {
		l.from(l.words, t.word.form, only(t.word.form))
	} else {
		l.from(l.words, t.word.form, after(t.word.form))
	}
	for _, s := range t.stems {
		l.from(l.words, s, only(s))
	}
}

// narrow adds a facet of which the service must have one of the values; without values nothing is narrowed.
func (l *lookup) narrow(kind string, values ...string) {
	added := false
	for _, v := range values {
		if v == "" {
			continue
		}
		if !added {
			l.filters, added = l.filters+1, true
		}
		l.from(-l.filters, kind+v, only(kind+v))
	}
}

// after is the end of the range of all tokens that begin with a word, in byte order.
func after(word string) string { return word + "\U0010FFFF" }

// only is the end of the range that holds a token alone: nothing in a token comes before a space.
func only(token string) string { return token + " " }

func (l *lookup) params() catalogdb.SearchServicesParams {
	return catalogdb.SearchServicesParams{Numbers: l.numbers, Langs: l.langs, Lows: l.lows, Highs: l.highs, Filters: l.filters}
}
