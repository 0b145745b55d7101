package catalog

import "digit/internal/infra/platform/page"

// Found is a page of services with what the search made of the words. Instead is what was searched for where words were misspelt,
// as they are written, "" where nothing was corrected. Unknown are words that no service has and that are near none: they were left
// out. Some says that no service has all the words: these have some of them.
type Found struct {
	page.Page[Entry]
	Instead string
	Unknown []string
	Some    bool

	lang  string
	terms []term
}

// Part is a piece of a text; Hit is one of the words that were searched for.
type Part struct {
	Text string
	Hit  bool
}

// Mark cuts a text of a found service, in the language of the search, into pieces that are hits and pieces that are none. Without
// words to find it is one piece.
func (f Found) Mark(text string) (parts []Part) {
	done := 0
	for _, s := range spans(text) {
		if !f.hit(text[s.from:s.to]) {
			continue
		}
		if done < s.from {
			parts = append(parts, Part{Text: text[done:s.from]})
		}
		parts, done = append(parts, Part{Text: text[s.from:s.to], Hit: true}), s.to
	}
	if done < len(text) {
		parts = append(parts, Part{Text: text[done:]})
	}
	return parts
}

func (f Found) hit(text string) bool {
	for _, w := range wordsOf(text) {
		for _, t := range f.terms {
			if t.has(f.lang, w) {
				return true
			}
		}
	}
	return false
}
