// Package blind brings values into the form of which blind indexes are taken, so that what people write in different ways is
// found all the same: telephone numbers, e-mail addresses, and the words of names and references with their beginnings.
package blind

import (
	"net/mail"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// emailMax is the longest address in bytes (RFC 5321).
const emailMax = 254

// Phone reads a telephone number as people write it and returns it in the form of E.164; numbers without a country's code
// are of the region (ISO 3166). It is false for what is no number that exists.
func Phone(text, region string) (string, bool) {
	number, err := phonenumbers.Parse(strings.TrimSpace(text), region)
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return "", false
	}
	return phonenumbers.Format(number, phonenumbers.E164), true
}

// Email reads an address and returns it with the domain in small letters, as it is kept and written to. It is false for what
// is no address. Its index is taken of the whole in small letters: mailboxes do not differ by case anywhere that matters.
func Email(text string) (string, bool) {
	text = strings.TrimSpace(text)
	parsed, err := mail.ParseAddress(text)
	if err != nil || parsed.Address != text || len(text) > emailMax {
		return "", false
	}
	at := strings.LastIndexByte(text, '@')
	return text[:at] + strings.ToLower(text[at:]), true
}

// Words returns the words of a name or a reference without case, accents and Arabic vowel signs: "João Évora" is joao, evora.
func Words(text string) []string {
	folded := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || r == tatweel {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text))
	return strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// tatweel only stretches an Arabic word.
const tatweel = 'ـ'

// Beginnings returns the beginnings of each word of a text, from min letters to max. Words shorter than min have none.
func Beginnings(text string, min, max int) []string {
	var all []string
	for _, word := range Words(text) {
		letters := []rune(word)
		for n := min; n <= len(letters) && n <= max; n++ {
			all = append(all, string(letters[:n]))
		}
	}
	return all
}

// Sought returns the beginnings that a search asks for: each word of it once, cut to max letters. Words shorter than min are
// left out.
func Sought(query string, min, max int) []string {
	seen := map[string]bool{}
	var all []string
	for _, word := range Words(query) {
		letters := []rune(word)
		if len(letters) > max {
			letters = letters[:max]
		}
		if begin := string(letters); len(letters) >= min && !seen[begin] {
			seen[begin] = true
			all = append(all, begin)
		}
	}
	return all
}
