package servicespec

import (
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/money"
)

// parse reads a question's answer from a form post into normal form; nil where nothing was posted. It takes any
// harmless way of writing. Whether the value will do is for check to say.
func (q *question) parse(posted map[string][]string, a Answers, f Facts) (any, *fault.Field) {
	switch q.Kind {
	case KindDate:
		return q.parseDate(posted)
	case KindChoices:
		return q.parseChoices(posted[q.Code])
	case KindFile:
		return q.keptFiles(posted, a)
	}
	s := ""
	if vs := posted[q.Code]; len(vs) > 0 {
		s = vs[0]
	}
	s = tidy(s, q.Kind == KindLongText)
	if s == "" {
		return nil, nil
	}
	return q.parseText(s, f)
}

// parseText reads the kinds that are posted as one text. check runs it again over stored texts: a stored text is
// right if it reads back as itself.
func (q *question) parseText(s string, f Facts) (any, *fault.Field) {
	switch q.Kind {
	case KindNumber:
		if n, ok := parseWhole(s); ok {
			return n, nil
		}
		return nil, q.fault("not_a_number")
	case KindMoney:
		if n, ok := parseMoney(s, f.Currency); ok {
			return n, nil
		}
		return nil, q.fault("not_a_number")
	case KindEmail:
		if e, ok := parseEmail(s); ok {
			return e, nil
		}
		return nil, q.fault("not_an_email")
	case KindPhone:
		if n, ok := parsePhone(s, f.Region); ok {
			return n, nil
		}
		return nil, q.fault("not_a_phone")
	case KindYesNo, KindDeclaration:
		switch s {
		case "yes", "true", "on":
			return true, nil
		case "no", "false", "off":
			return false, nil
		}
		return nil, q.fault("not_an_option")
	}
	return s, nil
}

// check says what is wrong with a value that is there, or nil.
func (q *question) check(v any, f Facts) *fault.Field {
	switch q.Kind {
	case KindYesNo, KindDeclaration:
		if _, ok := v.(bool); !ok {
			return q.fault("not_an_option")
		}
		return nil
	case KindNumber, KindMoney:
		n, ok := v.(int64)
		if !ok {
			return q.fault("not_a_number")
		}
		return q.checkRange(n)
	case KindChoices:
		return q.checkChoices(v, f)
	case KindFile:
		files, ok := v.([]File)
		if !ok {
			return q.fault("not_a_file")
		}
		return q.checkFiles(files)
	}
	s, ok := v.(string)
	if !ok || s != tidy(s, q.Kind == KindLongText) {
		return q.fault("not_a_text")
	}
	return q.checkText(s, f)
}

func (q *question) checkText(s string, f Facts) *fault.Field {
	switch q.Kind {
	case KindText, KindLongText, KindName:
		if n := utf8.RuneCountInString(s); n > q.MaxLength {
			return q.fault("too_long", "max", q.MaxLength, "n", n)
		}
		if q.Kind == KindName && !strings.ContainsFunc(s, unicode.IsLetter) {
			return q.fault("not_a_name")
		}
	case KindDate:
		d, err := civil.Parse(s)
		if err != nil || !plausible(d) {
			return q.fault("not_a_date")
		}
	case KindChoice:
		if !q.offers(s, f) {
			return q.fault("not_an_option")
		}
	case KindBoundary:
		if len(s) > maxCode || f.Boundary != nil && !f.Boundary(s) {
			return q.fault("not_an_option")
		}
	default:
		got, bad := q.parseText(s, f)
		if bad != nil {
			return bad
		}
		if got != any(s) {
			return q.fault("not_a_text")
		}
	}
	return nil
}

// maxCode bounds codes of areas and code lists that nobody is there to look up.
const maxCode = 100

func (q *question) offers(code string, f Facts) bool {
	if q.RefData != "" {
		return len(code) <= maxCode && (f.RefData == nil || f.RefData(q.RefData, code))
	}
	return slices.ContainsFunc(q.Options, func(o Option) bool { return o.Code == code })
}

func (q *question) checkRange(n int64) *fault.Field {
	if q.Min != nil && n < *q.Min {
		return q.fault("too_small", "min", *q.Min)
	}
	if q.Max != nil && n > *q.Max {
		return q.fault("too_large", "max", *q.Max)
	}
	return nil
}

func (q *question) checkChoices(v any, f Facts) *fault.Field {
	codes, ok := v.([]string)
	if !ok {
		return q.fault("not_an_option")
	}
	for i, c := range codes {
		if !q.offers(c, f) || slices.Contains(codes[:i], c) {
			return q.fault("not_an_option")
		}
	}
	if !slices.Equal(codes, q.ordered(codes)) {
		return q.fault("not_an_option")
	}
	return q.checkRange(int64(len(codes)))
}

// parseChoices reads ticked boxes: each once, in the order of the options. The pages' empty value, which says
// that a list was shown and left alone, does not count.
func (q *question) parseChoices(posted []string) (any, *fault.Field) {
	var codes []string
	for _, s := range posted {
		if s = tidy(s, false); s != "" && !slices.Contains(codes, s) {
			codes = append(codes, s)
		}
	}
	if len(codes) == 0 {
		return nil, nil
	}
	return q.ordered(codes), nil
}

func (q *question) ordered(codes []string) []string {
	out := slices.Clone(codes)
	place := func(code string) int {
		return slices.IndexFunc(q.Options, func(o Option) bool { return o.Code == code })
	}
	if q.RefData == "" {
		slices.SortStableFunc(out, func(a, b string) int { return place(a) - place(b) })
	}
	return out
}

// keptFiles returns the files among the answers whose ids were posted; all of them where nothing was.
func (q *question) keptFiles(posted map[string][]string, a Answers) (any, *fault.Field) {
	have, _ := a[q.Code].([]File)
	ids, said := posted[q.Code]
	if !said {
		if len(have) == 0 {
			return nil, nil
		}
		return have, nil
	}
	var kept []File
	for _, id := range ids {
		if id == "" {
			continue
		}
		i := slices.IndexFunc(have, func(file File) bool { return file.ID.String() == id })
		if i < 0 {
			return nil, q.fault("not_a_file")
		}
		if !slices.Contains(kept, have[i]) {
			kept = append(kept, have[i])
		}
	}
	if len(kept) == 0 {
		return nil, nil
	}
	return kept, nil
}

func (q *question) checkFiles(files []File) *fault.Field {
	if len(files) > q.MaxFiles {
		return q.fault("too_many_files", "max", q.MaxFiles, "n", len(files))
	}
	for _, file := range files {
		mediaType, _, _ := strings.Cut(strings.ToLower(file.MediaType), ";")
		switch {
		case file.Size <= 0:
			return q.fault("empty_file", "file", file.Name)
		case file.Size > q.MaxSize:
			return q.fault("file_too_large", "file", file.Name, "max", q.MaxSize, "megabytes", q.MaxSize>>20)
		case !slices.ContainsFunc(q.Accept, func(accept string) bool { return mediaMatches(accept, strings.TrimSpace(mediaType)) }):
			return q.fault("file_type_refused", "file", file.Name, "accept", strings.Join(q.Accept, ", "))
		}
	}
	return nil
}

func mediaMatches(accept, mediaType string) bool {
	if kind, ok := strings.CutSuffix(accept, "/*"); ok {
		return strings.HasPrefix(mediaType, kind+"/")
	}
	return accept == mediaType
}

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

func parseEmail(s string) (string, bool) {
	const longest = 254
	s = strings.TrimSpace(s)
	addr, err := mail.ParseAddress(s)
	if err != nil || addr.Name != "" || addr.Address != s || len(s) > longest || strings.ContainsAny(s, ` "<>()[]`) {
		return "", false
	}
	at := strings.LastIndex(s, "@")
	local, domain := s[:at], strings.ToLower(s[at+1:])
	if !strings.Contains(domain, ".") || strings.Contains(domain, "..") || strings.Trim(domain, ".-") != domain {
		return "", false
	}
	return local + "@" + domain, true
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

// parseDate reads the three fields of a date, or one.
func (q *question) parseDate(posted map[string][]string) (any, *fault.Field) {
	field := func(name string) string {
		if vs := posted[name]; len(vs) > 0 {
			return strings.TrimSpace(westernDigits(tidy(vs[0], false)))
		}
		return ""
	}
	if s := field(q.Code); s != "" {
		d, err := civil.Parse(s)
		if err != nil || !plausible(d) {
			return nil, q.fault("not_a_date")
		}
		return d.String(), nil
	}
	day, month, year := field(q.Code+".day"), field(q.Code+".month"), field(q.Code+".year")
	if day+month+year == "" {
		return nil, nil
	}
	d, err1 := strconv.ParseUint(day, 10, 8)
	m, err2 := strconv.ParseUint(month, 10, 8)
	y, err3 := strconv.ParseUint(year, 10, 16)
	date := civil.Date{Year: int(y), Month: time.Month(m), Day: int(d)}
	if err1 != nil || err2 != nil || err3 != nil || !plausible(date) || !date.Valid() {
		return nil, q.fault("not_a_date")
	}
	return date.String(), nil
}

// plausible refuses years that were surely mistyped: two digits, or five.
func plausible(d civil.Date) bool { return d.Year >= 1800 && d.Year <= 2999 }
