package catalog

import (
	"slices"
	"strings"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/arabic"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/tamil"
)

// stemmers are Snowball's, by language; words of other languages are found by their beginnings alone.
var stemmers = map[string]func(*snowballstem.Env) bool{
	"ar": arabic.Stem, "de": german.Stem, "en": english.Stem, "es": spanish.Stem, "fi": finnish.Stem, "fr": french.Stem,
	"pt": portuguese.Stem, "ta": tamil.Stem,
}

// stemMark begins the token that is a stem, so that no word's beginning is taken for one.
const stemMark = "="

// minStem is the length from which a stem says something.
const minStem = 3

// stemsOf returns the stems of a word, marked: of the word as it is written and of its form without accents, since people leave
// accents out.
func stemsOf(lang string, w word) (list []string) {
	base, _, _ := strings.Cut(lang, "-")
	stem, known := stemmers[base]
	if !known {
		return nil
	}
	forms := []string{w.shown, w.form}
	if base == "pt" {
		forms = append(forms, singular(w.form))
	}
	for _, form := range forms {
		env := snowballstem.NewEnv(form)
		stem(env)
		if s := strings.TrimSpace(fold(env.Current())); len([]rune(s)) >= minStem && !slices.Contains(list, stemMark+s) {
			list = append(list, stemMark+s)
		}
	}
	return list
}

// singular undoes the Portuguese plurals that the stemmer knows by their accents only: certidões, pães.
func singular(form string) string {
	for _, end := range []string{"oes", "aes"} {
		if cut, ok := strings.CutSuffix(form, end); ok {
			return cut + "ao"
		}
	}
	return form
}
