package desk

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"digit/internal/infra/encryption/blind"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
)

// Card is what a counter writes down of a person. Phone and Email are as told, proved or not.
type Card struct {
	Born       civil.Date `json:"born"`
	NationalID string     `json:"national_id,omitempty"`
	Phone      string     `json:"phone,omitempty"`
	Email      string     `json:"email,omitempty"`
}

// The bounds of what is written down.
const (
	nameMax = 120
	idMax   = 40
)

// number brings a number of identity into the form in which numbers are compared: letters and digits alone, in capitals.
func number(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, text)
}

// Register is a person whom nobody knows yet. Sure says that the operator has looked at who was found, and that it is none of
// them.
type Register struct {
	Name       string
	Born       civil.Date
	NationalID string
	Phone      string
	Email      string
	Lang       string
	Sure       bool
}

// check returns the card, or names the fields at fault. Region is that of telephone numbers without a prefix.
func (in Register) check(today civil.Date, region string) (c Card, wrong []fault.Field) {
	say := func(path, code string) { wrong = append(wrong, fault.Field{Path: path, Code: code}) }
	c = Card{Born: in.Born, NationalID: number(in.NationalID)}
	if n := utf8.RuneCountInString(strings.TrimSpace(in.Name)); n == 0 || n > nameMax {
		say("name", "desk.name")
	}
	if !in.Born.Valid() || in.Born.IsZero() || !in.Born.Before(today) || today.Age(in.Born) > 130 {
		say("born", "desk.born")
	}
	if utf8.RuneCountInString(c.NationalID) > idMax || c.NationalID == "" && strings.TrimSpace(in.NationalID) != "" {
		say("national_id", "desk.national_id")
	}
	var ok bool
	if text := strings.TrimSpace(in.Phone); text != "" {
		if c.Phone, ok = blind.Phone(text, region); !ok {
			say("phone", "desk.phone")
		}
	}
	if text := strings.TrimSpace(in.Email); text != "" {
		if c.Email, ok = blind.Email(text); !ok {
			say("email", "desk.email")
		}
	}
	return c, wrong
}

// Evidence is what speaks for two being one person.
type Evidence struct {
	NationalID, Phone, Email, Born bool
	Name                           float64 // 0 for nothing in common, 1 for the same
}

// From which score two may be one person, and from which they hardly are not.
const (
	Possible = 40
	Likely   = 70
)

// Score weighs the evidence, 0 to 100.
func (e Evidence) Score() int {
	if e.NationalID {
		return 100
	}
	score := 40 * e.Name
	for _, w := range []struct {
		is     bool
		weight float64
	}{{e.Phone, 35}, {e.Email, 35}, {e.Born, 30}} {
		if w.is {
			score += w.weight
		}
	}
	return min(99, int(score+0.5))
}

// Reasons names what speaks for it, the strongest first.
func (e Evidence) Reasons() (list []string) {
	for _, r := range []struct {
		is   bool
		code string
	}{{e.NationalID, "national_id"}, {e.Phone, "phone"}, {e.Email, "email"}, {e.Born, "born"}, {e.Name >= 0.5, "name"}} {
		if r.is {
			list = append(list, r.code)
		}
	}
	return list
}

// alike says how much two names have in common: the share of their words that meet, where words of some length may differ by a
// letter.
func alike(a, b string) float64 {
	x, y := blind.Words(a), blind.Words(b)
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	met, left := 0, slices.Clone(y)
	for _, w := range x {
		if i := slices.IndexFunc(left, func(v string) bool { return near(w, v) }); i >= 0 {
			met++
			left = slices.Delete(left, i, i+1)
		}
	}
	return 2 * float64(met) / float64(len(x)+len(y))
}

// near reports whether two words are the same, or differ by one letter where they are long enough to tell.
func near(a, b string) bool {
	if a == b {
		return true
	}
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(x) < 5 || len(y)-len(x) > 1 {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	if len(x) == len(y) {
		return slices.Equal(x[i+1:], y[i+1:])
	}
	return slices.Equal(x[i:], y[i+1:])
}

// Mask leaves of an address what tells its owner which it is, and nobody else.
func Mask(address string) string {
	if at := strings.LastIndexByte(address, '@'); at > 0 {
		first, _ := utf8.DecodeRuneInString(address)
		return string(first) + "•••" + address[at:]
	}
	if r := []rune(address); len(r) > 4 {
		return "••• " + string(r[len(r)-3:])
	}
	return "•••"
}
