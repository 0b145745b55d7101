package servicespec

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"

	"digit/internal/infra/platform/money"
)

// tidy makes a text sound: valid UTF-8 in composed form, no control characters, no space at its ends; on one
// line unless lines are asked for.
func tidy(s string, lines bool) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(strings.TrimSpace(s))
}

// westernDigits writes the digits of any script as 0-9, Arabic separators as "," and ".", and every space as " ".
func westernDigits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u066c':
			return ','
		case r == '\u066b':
			return '.'
		case r == '\u200e' || r == '\u200f' || r == '\u061c':
			return -1
		case unicode.IsSpace(r):
			return ' '
		case r > '9' && unicode.IsDigit(r):
			return digit(r)
		}
		return r
	}, s)
}

// digit returns the western digit of a decimal digit: digits of a script stand in runs of ten, from zero.
func digit(r rune) rune {
	zero := r
	for unicode.IsDigit(zero-1) && r-zero < 9 {
		zero--
	}
	// Runs can touch (mathematical digits), so the distance to the run's start is what counts, modulo ten.
	return '0' + (r-zero)%10
}

var grouped = regexp.MustCompile(`^[+-]?[0-9]{1,3}([ .,'’][0-9]{3})+$`)

// parseWhole reads a whole number, with or without groups of three.
func parseWhole(s string) (int64, bool) {
	s = strings.TrimSpace(westernDigits(s))
	if grouped.MatchString(s) {
		s = strings.NewReplacer(" ", "", ".", "", ",", "", "'", "", "’", "").Replace(s)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// parseMoney reads an amount as people write it into minor units. The last point or comma is the decimal sign if
// no more digits follow than the currency has decimals; otherwise it parts thousands.
func parseMoney(s, currency string) (int64, bool) {
	s = westernDigits(s)
	s = strings.TrimSpace(strings.ReplaceAll(strings.ToUpper(s), strings.ToUpper(currency), ""))
	whole, fraction := s, ""
	if i := strings.LastIndexAny(s, ".,"); i >= 0 && len(s)-i-1 <= money.Exponent(currency) {
		whole, fraction = s[:i], s[i+1:]
	}
	n, ok := parseWhole(whole)
	if !ok {
		return 0, false
	}
	sign := ""
	if strings.HasPrefix(strings.TrimSpace(whole), "-") && n == 0 {
		sign = "-"
	}
	decimal := sign + strconv.FormatInt(n, 10)
	if fraction != "" {
		decimal += "." + fraction
	}
	a, err := money.Parse(decimal, currency)
	return a.Minor, err == nil
}

// emailShape is what an e-mail address looks like in normal form, its domain in lower case; the published schema says the
// same. It is narrower than RFC 5322, which allows quotes and comments that nobody has.
const emailShape = `^[\p{L}\p{N}!#$%&'*+/=?^_{|}~-]+(?:\.[\p{L}\p{N}!#$%&'*+/=?^_{|}~-]+)*@` +
	`[\p{Ll}\p{Lo}\p{Nd}](?:[\p{Ll}\p{Lo}\p{Nd}-]{0,61}[\p{Ll}\p{Lo}\p{Nd}])?(?:\.[\p{Ll}\p{Lo}\p{Nd}](?:[\p{Ll}\p{Lo}\p{Nd}-]{0,61}[\p{Ll}\p{Lo}\p{Nd}])?)+$`

var emailPattern = regexp.MustCompile(emailShape)

// maxEmail is the most characters of an e-mail address.
const maxEmail = 254

func parseEmail(s string) (string, bool) {
	s = strings.TrimSpace(s)
	at := strings.LastIndex(s, "@")
	if at < 0 {
		return "", false
	}
	s = s[:at] + "@" + strings.ToLower(s[at+1:])
	return s, utf8.RuneCountInString(s) <= maxEmail && emailPattern.MatchString(s)
}

// parsePhone reads a number as people write it, in the country where a number without prefix belongs, into E.164.
func parsePhone(s, region string) (string, bool) {
	const longest = 40
	if len(s) > longest*utf8.UTFMax || utf8.RuneCountInString(s) > longest {
		return "", false
	}
	n, err := phonenumbers.Parse(westernDigits(s), region)
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

// parseDecimal reads a number with up to so many decimals, with or without groups of three. The last point or comma is the
// decimal sign if no more digits follow than there are decimals; otherwise it parts thousands.
func parseDecimal(s string, places int) (Decimal, bool) {
	s = strings.TrimSpace(westernDigits(s))
	whole, fraction := s, ""
	if i := strings.LastIndexAny(s, ".,"); i >= 0 && len(s)-i-1 <= places {
		whole, fraction = s[:i], s[i+1:]
	}
	if whole == "" || whole == "-" || whole == "+" {
		whole += "0"
	}
	n, ok := parseWhole(whole)
	if !ok || strings.ContainsFunc(fraction, func(r rune) bool { return r < '0' || r > '9' }) {
		return 0, false
	}
	decimal := strconv.FormatInt(n, 10)
	if n == 0 && strings.HasPrefix(whole, "-") {
		decimal = "-0"
	}
	if fraction != "" {
		decimal += "." + fraction
	}
	x, err := strconv.ParseFloat(decimal, 64)
	if x == 0 {
		x = 0 // and not -0
	}
	return Decimal(x), err == nil
}

var (
	timeShape = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)
	timeTyped = regexp.MustCompile(`^([0-9]{1,2})\s*[:.hH]\s*([0-9]{2})$`)
)

// parseTime reads a time of day on the 24-hour clock: "8:30", "08.30", "8h30".
func parseTime(s string) (string, bool) {
	m := timeTyped.FindStringSubmatch(strings.TrimSpace(westernDigits(s)))
	if m == nil {
		return "", false
	}
	if len(m[1]) == 1 {
		m[1] = "0" + m[1]
	}
	out := m[1] + ":" + m[2]
	return out, timeShape.MatchString(out)
}

// parseDegrees reads a number of degrees, rounded to six decimals, which is some ten centimetres.
func parseDegrees(s string) (float64, bool) {
	s = strings.ReplaceAll(strings.TrimSpace(westernDigits(s)), ",", ".")
	x, err := strconv.ParseFloat(strings.TrimSuffix(s, "°"), 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, false
	}
	x = math.Round(x*1e6) / 1e6
	if x == 0 {
		x = 0
	}
	return x, true
}
