package catalog

import (
	"cmp"
	"slices"
	"strings"
)

// keyLetters is how many letters of a word its keys are made of: slips in the rest of it do not change them.
const keyLetters = 7

// slips returns how many slips a word of a length is forgiven: a short one is soon another word.
func slips(letters int) int {
	switch {
	case letters < 4:
		return 0
	case letters < 6:
		return 1
	}
	return 2
}

// keysOf returns what remains of a word's beginning when as many letters are left out as slips are forgiven, the beginning itself
// among them. Two words with no more slips between them than either is forgiven share a key (symmetric deletion). Short words have
// none.
func keysOf(form string) []string {
	letters := []rune(form)
	depth := slips(len(letters))
	if depth == 0 {
		return nil
	}
	level := []string{string(letters[:min(len(letters), keyLetters)])}
	keys := level
	for range depth {
		var next []string
		for _, k := range level {
			r := []rune(k)
			for i := range r {
				next = append(next, string(r[:i])+string(r[i+1:]))
			}
		}
		slices.Sort(next)
		level = slices.Compact(next)
		keys = append(keys, level...)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// alike are letters that people take for each other, since they sound the same.
var alike = []string{"csz", "sxz", "gj", "ie", "ou", "bv", "ckq", "iy", "ضظ", "ذدز", "ثست", "قك", "طت", "هح", "صس"}

// cost is what it costs to take a letter for another: half as much as a slip where they sound alike.
func cost(a, b rune) int {
	if a == b {
		return 0
	}
	for _, group := range alike {
		if strings.ContainsRune(group, a) && strings.ContainsRune(group, b) {
			return 1
		}
	}
	return 2
}

// distance returns how far two words are apart in half slips: a letter too many, too few, a wrong one, or two swapped is one slip
// (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	var before []int
	last := make([]int, len(y)+1)
	for j := range last {
		last[j] = 2 * j
	}
	for i := range x {
		row := make([]int, len(y)+1)
		row[0] = 2 * (i + 1)
		for j := range y {
			row[j+1] = min(last[j+1]+2, row[j]+2, last[j]+cost(x[i], y[j]))
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+2)
			}
		}
		before, last = last, row
	}
	return last[len(y)]
}

// nearest returns the word that a misspelt one most likely is; false where none is near enough.
func nearest(form string, candidates []word) (word, bool) {
	type scored struct {
		word
		far int
	}
	var near []scored
	for _, c := range candidates {
		if far := distance(form, c.form); far <= 2*min(slips(len([]rune(form))), slips(len([]rune(c.form)))) {
			if []rune(c.form)[0] != []rune(form)[0] {
				far++ // the first letter is seldom wrong
			}
			near = append(near, scored{c, far})
		}
	}
	if len(near) == 0 {
		return word{}, false
	}
	return slices.MinFunc(near, func(a, b scored) int { return cmp.Or(a.far-b.far, strings.Compare(a.form, b.form)) }).word, true
}
