package servicespec

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Schemes returns the names of the check-digit schemes that a question of kind id may name, sorted.
func Schemes() []string { return slices.Sorted(maps.Keys(schemes)) }

// Number writes an identity number as it is kept, without what people put between its groups, and says whether it is one: by the
// scheme's shape and check digits, or, for scheme "", three to forty letters and digits.
func Number(scheme, typed string) (number string, ok bool) {
	number = compact(strings.TrimSpace(typed))
	if scheme == "" {
		return number, plainNumber.MatchString(number)
	}
	shape := schemeShapes[scheme]
	if shape == nil || !shape.MatchString(number) {
		return number, false
	}
	checked := schemes[scheme].checked
	return number, checked == nil || checked(number)
}

var plainNumber = regexp.MustCompile(`^[0-9A-Z]{3,40}$`)

// scheme is how an identity number is written, without spaces, points and hyphens, and what makes its check digits right.
type scheme struct {
	shape   string // regular expression of the whole
	checked func(s string) bool
}

var schemes = map[string]scheme{
	// Luhn's formula, ISO/IEC 7812-1 annex B, as in card numbers.
	"luhn": {`[0-9]{2,40}`, luhn},
	// Verhoeff's scheme over the dihedral group of order 10, as in Aadhaar.
	"verhoeff": {`[0-9]{2,40}`, verhoeff},
	// Weights 2, 3, 4… from the right; the check digit is 11 less the rest by 11, and 0 for 10 and 11.
	"mod11": {`[0-9]{2,40}`, mod11},
	// ISO/IEC 7064 MOD 11-2, with X for ten, as in ORCID and ISNI.
	"mod11_2": {`[0-9]{1,40}[0-9X]`, mod11dash2},
	// ISO/IEC 7064 MOD 97-10, letters counting from 10, as in IBAN after its first four are moved to the end.
	"mod97": {`[0-9A-Z]{1,40}[0-9]{2}`, mod97},
	// NIF of Portugal: nine digits, mod11.
	"nif_pt": {`[1-9][0-9]{8}`, mod11},
	// NIF of Cabo Verde: nine digits. No rule for a check digit has been published.
	"nif_cv": {`[0-9]{9}`, nil},
}

var schemeShapes = func() map[string]*regexp.Regexp {
	out := map[string]*regexp.Regexp{}
	for name, s := range schemes {
		out[name] = regexp.MustCompile(`^` + s.shape + `$`)
	}
	return out
}()

// compact writes an identity number without what people put between its groups.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '.', '-', '/', '\u00a0', '\u202f':
			return -1
		}
		return r
	}, strings.ToUpper(westernDigits(s)))
}

func luhn(s string) bool {
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// dihedral multiplies in the dihedral group of order 10: rotations 0 to 4, reflections 5 to 9.
func dihedral(a, b int) int {
	switch {
	case a < 5 && b < 5:
		return (a + b) % 5
	case a < 5:
		return 5 + (a+b)%5
	case b < 5:
		return 5 + (a-b)%5
	}
	return (a - b + 5) % 5
}

// verhoeffTurn is the permutation that the scheme applies once more for each place to the left.
var verhoeffTurn = [10]int{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}

func verhoeff(s string) bool {
	c := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		for range i % 8 {
			d = verhoeffTurn[d]
		}
		c = dihedral(c, d)
	}
	return c == 0
}

func mod11(s string) bool {
	sum := 0
	for i := 1; i < len(s); i++ {
		sum += int(s[len(s)-1-i]-'0') * (i + 1)
	}
	check := 11 - sum%11
	if check > 9 {
		check = 0
	}
	return check == int(s[len(s)-1]-'0')
}

func mod11dash2(s string) bool {
	rest := 0
	for _, r := range s {
		d := int(r - '0')
		if r == 'X' {
			d = 10
		}
		rest = (2*rest + d) % 11
	}
	return rest == 1
}

func mod97(s string) bool {
	rest := 0
	for _, r := range s {
		n, _ := strconv.Atoi(string(r))
		shift := 10
		if r >= 'A' {
			n, shift = int(r-'A')+10, 100
		}
		rest = (rest*shift + n) % 97
	}
	return rest == 1
}
