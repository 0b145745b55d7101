package identity

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"digit/internal/infra/encryption/blind"
	"digit/internal/infra/identity/internal/blocklist"
	"digit/internal/infra/platform/fault"
)

// The lengths of passwords, in characters (NIST SP 800-63B-4, 3.1.1.2). There is no rule of composition: length and not
// being what others choose is what makes a password hard to guess.
const (
	passwordAlone  = 15 // where it is the only factor
	passwordBeside = 8  // where a second is asked for
	passwordMax    = 128
)

// passwordRules are what a new password of one account must satisfy.
type passwordRules struct {
	min int
	own []string // folded words that everybody who knows the owner would try: name, addresses, the state's name
}

// normalPassword is a password in the form in which it is hashed, so that the same word typed on another keyboard is the
// same. Nothing is cut off, at the ends neither.
func normalPassword(password string) string { return norm.NFKC.String(password) }

// check refuses a password in normal form that is short, long, or among the first that somebody would try.
// Errors: ErrPassword.
func (r passwordRules) check(password string) error {
	refuse := func(code string, args map[string]any) error {
		return ErrPassword.WithFields(fault.Field{Path: "password", Code: "identity.password_" + code, Args: args})
	}
	length := utf8.RuneCountInString(password)
	folded := foldPassword(password)
	switch {
	case length < r.min:
		return refuse("short", map[string]any{"n": r.min})
	case length > passwordMax:
		return refuse("long", map[string]any{"n": passwordMax})
	case common(folded):
		return refuse("common", nil)
	case patterned(folded):
		return refuse("pattern", nil)
	case r.owned(folded):
		return refuse("own", nil)
	}
	return nil
}

// foldPassword makes small letters without accents of it, as who guesses would.
func foldPassword(password string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(password))
}

// common reports whether a password, or what is left of it without the digits and signs around it, is one that many
// people choose.
func common(folded string) bool {
	core := strings.TrimFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) })
	return blocklist.Has(folded) || len(core) >= 4 && blocklist.Has(core)
}

// rows are keys that lie side by side, on the keyboards of our languages.
var rows = []string{"1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn"}

// patterned reports whether a password is a short piece said again and again, or a walk along the alphabet or the keyboard.
func patterned(folded string) bool {
	letters := []rune(folded)
	if p := period(letters); p <= len(letters)/2 && (p < passwordBeside || blocklist.Has(string(letters[:p]))) {
		return true
	}
	near := 0
	for n := 1; n < len(letters); n++ {
		if a, b := letters[n-1], letters[n]; a-b >= -1 && a-b <= 1 || beside(a, b) {
			near++
		}
	}
	return near*4 >= (len(letters)-1)*3
}

func beside(a, b rune) bool {
	return slices.ContainsFunc(rows, func(row string) bool {
		at := strings.IndexRune(row, a)
		return at >= 0 && (at > 0 && rune(row[at-1]) == b || at+1 < len(row) && rune(row[at+1]) == b)
	})
}

// period is the length of the shortest piece of which the whole is a repetition, the last one perhaps cut short.
func period(letters []rune) int {
	border := make([]int, len(letters)+1) // of each beginning, its longest proper end that is a beginning too
	border[0] = -1
	for n, k := 0, -1; n < len(letters); n++ {
		for k >= 0 && letters[k] != letters[n] {
			k = border[k]
		}
		k++
		border[n+1] = k
	}
	return len(letters) - border[len(letters)]
}

// owned reports whether little is left of a password without the owner's own words.
func (r passwordRules) owned(folded string) bool {
	rest := folded
	for _, word := range r.own {
		rest = strings.ReplaceAll(rest, word, "")
	}
	return rest != folded && utf8.RuneCountInString(strings.Join(strings.Fields(rest), "")) < passwordBeside
}

// ownWords are the words of texts about the owner, each and joined, that are long enough to be guessed by; the longest first.
func ownWords(texts ...string) []string {
	var own []string
	for _, text := range texts {
		parts := blind.Words(text)
		own = append(own, foldPassword(strings.TrimSpace(text)), strings.Join(parts, ""))
		own = append(own, parts...)
		if digits := strings.TrimLeft(text, "+"); len(digits) > 7 && strings.Trim(digits, "0123456789") == "" {
			own = append(own, digits[len(digits)-7:]) // a telephone number as it is said at home
		}
	}
	own = slices.DeleteFunc(own, func(w string) bool { return utf8.RuneCountInString(w) < 4 })
	slices.SortFunc(own, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(own)
}
