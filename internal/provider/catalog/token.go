package catalog

import (
	"strings"

	"digit/internal/infra/servicespec"
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

// maxToken is the length in bytes from which a word is none: an index takes no endless text.
const maxToken = 200

// hidden begins the language of the tokens of a withdrawn service.
const hidden = "~"

// What a search is narrowed by. A facet's token is its kind, a colon and a value; no word begins so.
const (
	facetMark     = "@"
	facetAgency   = "@agency:"
	facetAudience = "@audience:"
	facetCost     = "@cost:"
	facetLife     = "@life:"
)

// forms returns under what a word is kept: itself and, for Arabic, without the article.
func forms(form string) []string {
	if bare, ok := strings.CutPrefix(form, "ال"); ok && len([]rune(bare)) >= minWord {
		return []string{form, bare}
	}
	return []string{form}
}

// shownAs is how one of the forms of a word is written.
func shownAs(form string, w word) string {
	if form == w.form {
		return w.shown
	}
	return strings.TrimPrefix(w.shown, "ال")
}

// index collects the tokens of one service: language → token → best weight. Words holds how each word is written.
type index struct {
	tokens map[string]map[string]int16
	words  map[string]string
}

// indexOf collects by what a service is found in each of the languages.
func indexOf(p *servicespec.Pack, langs []string) index {
	x := index{map[string]map[string]int16{}, map[string]string{}}
	for _, lang := range p.Languages {
		x.add(lang, p.Code, weightOther)
		x.add(lang, p.Description.In(lang, p.Languages[0]), weightOther)
		x.add(lang, p.Summary.In(lang, p.Languages[0]), weightSummary)
		for _, k := range p.Keywords[lang] {
			x.add(lang, k, weightKeyword)
		}
		x.add(lang, p.Name.In(lang, p.Languages[0]), weightName)
	}
	x.share(langs)
	for _, lang := range langs {
		for _, f := range facetsOf(p) {
			x.put(lang, f, weightOther)
		}
	}
	return x
}

func facetsOf(p *servicespec.Pack) []string {
	facets := []string{facetAgency + p.Agency}
	for _, a := range p.Audience {
		facets = append(facets, facetAudience+a)
	}
	for _, e := range p.LifeEvents {
		facets = append(facets, facetLife+e)
	}
	if len(p.Fees) == 0 {
		return append(facets, facetCost+CostFree)
	}
	return append(facets, facetCost+CostFee)
}

func (x index) put(lang, token string, weight int16) {
	if x.tokens[lang] == nil {
		x.tokens[lang] = map[string]int16{}
	}
	x.tokens[lang][token] = max(x.tokens[lang][token], weight)
}

func (x index) add(lang, text string, weight int16) {
	for _, w := range wordsOf(text) {
		if len(w.form) > maxToken {
			continue
		}
		for _, f := range forms(w.form) {
			x.put(lang, f, weight)
			if _, seen := x.words[f]; !seen && slips(len([]rune(f))) > 0 {
				x.words[f] = shownAs(f, w)
			}
		}
		for _, s := range stemsOf(lang, w) {
			x.put(lang, s, weight)
		}
	}
}

// share gives every language what the others' names, summaries and keywords say, at the least weight. Stems stay where they are:
// what is typed is stemmed in the reader's language.
func (x index) share(langs []string) {
	type said struct{ from, token string }
	var all []said
	for from, tokens := range x.tokens {
		for t, weight := range tokens {
			if weight > weightOther && !strings.HasPrefix(t, stemMark) {
				all = append(all, said{from, t})
			}
		}
	}
	for _, to := range langs {
		for _, w := range all {
			if w.from != to {
				x.put(to, w.token, weightOther)
			}
		}
	}
}
