package servicespec

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/money"
)

// check says what is wrong with a value that is there, or nil. It is the one judge of answers: what a form posts and what
// programs send is brought into normal form and then comes here, and what is stored comes here again.
func (q *question) check(v any, sc *scope) *fault.Field {
	switch q.Kind {
	case KindYesNo, KindDeclaration:
		if _, ok := v.(bool); !ok {
			return q.fault("not_an_option")
		}
		return nil
	case KindNumber, KindMoney:
		return q.checkNumber(v, sc)
	case KindChoices:
		return q.checkChoices(v, sc)
	case KindFile:
		files, ok := v.([]File)
		if !ok {
			return q.fault("not_a_file")
		}
		return q.checkFiles(files)
	case KindAddress:
		return q.checkAddress(v, sc)
	case KindPoint:
		return q.checkPoint(v)
	case KindDocument:
		return q.checkEvidence(v, sc)
	case KindSignature:
		return q.checkSignature(v)
	case KindName:
		if n, ok := v.(Name); ok && len(q.Parts) > 0 {
			return q.checkName(n)
		}
	}
	s, ok := v.(string)
	if !ok || len(q.Parts) > 0 || s != tidy(s, q.Kind == KindLongText) {
		return q.fault("not_a_text")
	}
	return q.checkText(s, sc)
}

func (q *question) checkText(s string, sc *scope) *fault.Field {
	switch q.Kind {
	case KindText, KindLongText:
		if bad := q.checkLength(s); bad != nil {
			return bad
		}
		if q.pattern != nil && !q.pattern.MatchString(s) {
			return q.patternFault()
		}
	case KindName:
		if bad := q.checkLength(s); bad != nil {
			return bad
		}
		if !strings.ContainsFunc(s, unicode.IsLetter) {
			return q.fault("not_a_name")
		}
	case KindID:
		return q.checkID(s)
	case KindDate:
		d, err := civil.Parse(s)
		if err != nil || !plausible(d) {
			return q.fault("not_a_date")
		}
	case KindMonth:
		if d, err := civil.Parse(s + "-01"); err != nil || !plausible(d) {
			return q.fault("not_a_month")
		}
	case KindTime:
		if !timeShape.MatchString(s) {
			return q.fault("not_a_time")
		}
	case KindChoice:
		if !sc.offers(q, s) {
			return q.fault("not_an_option")
		}
	case KindBoundary:
		if !sc.area(q, s) {
			return q.fault("not_an_option")
		}
	case KindEmail:
		if e, ok := parseEmail(s); !ok || e != s {
			return q.fault("not_an_email")
		}
	case KindPhone:
		if n, ok := parsePhone(s, ""); !ok || n != s {
			return q.fault("not_a_phone")
		}
	default:
		return q.fault("not_a_text")
	}
	return nil
}

func (q *question) checkLength(s string) *fault.Field {
	if n := utf8.RuneCountInString(s); n > q.MaxLength {
		return q.fault("too_long", "max", q.MaxLength, "n", n)
	}
	return nil
}

// patternFault says what the service's author wrote for it, where they did.
func (q *question) patternFault() *fault.Field {
	if q.Message.IsZero() {
		return q.fault("not_as_asked")
	}
	return q.fault("custom", "message", q.Message)
}

func (q *question) checkID(s string) *fault.Field {
	if bad := q.checkLength(s); bad != nil {
		return bad
	}
	if q.pattern != nil && !q.pattern.MatchString(s) {
		return q.patternFault()
	}
	if q.Scheme == "" {
		return nil
	}
	if !schemeShapes[q.Scheme].MatchString(s) {
		return q.fault("not_an_id")
	}
	if checked := schemes[q.Scheme].checked; checked != nil && !checked(s) {
		return q.fault("wrong_check_digit")
	}
	return nil
}

func (q *question) checkName(n Name) *fault.Field {
	for _, part := range q.Parts {
		s := n.part(part)
		if s == "" {
			return q.fault("name_part_missing", "part", part)
		}
		if s != tidy(s, false) {
			return q.fault("not_a_text")
		}
		if bad := q.checkLength(s); bad != nil {
			return bad
		}
		if !strings.ContainsFunc(s, unicode.IsLetter) {
			return q.fault("not_a_name")
		}
	}
	if n != (Name{Given: q.partOf(n, PartGiven), Family: q.partOf(n, PartFamily)}) {
		return q.fault("not_a_name")
	}
	return nil
}

// partOf returns a part of a name where it is asked for.
func (q *question) partOf(n Name, part string) string {
	if slices.Contains(q.Parts, part) {
		return n.part(part)
	}
	return ""
}

// maxDigits is the most digits that a number with decimals has, so that it stays exact.
const maxDigits = 15

func (q *question) checkNumber(v any, sc *scope) *fault.Field {
	switch n := v.(type) {
	case int64:
		if q.Places > 0 {
			return q.checkNumber(Decimal(n), sc)
		}
		return q.checkRange(float64(n), sc)
	case Decimal:
		if q.Places == 0 {
			return q.fault("not_a_number")
		}
		whole, fraction, _ := strings.Cut(strings.TrimPrefix(n.String(), "-"), ".")
		if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) || len(strings.TrimLeft(whole, "0"))+len(fraction) > maxDigits {
			return q.fault("not_a_number")
		}
		if len(fraction) > q.Places {
			return q.fault("too_many_places", "places", q.Places)
		}
		return q.checkRange(float64(n), sc)
	}
	return q.fault("not_a_number")
}

func (q *question) checkRange(n float64, sc *scope) *fault.Field {
	limit := func(x float64) any {
		if q.Kind == KindMoney {
			return money.Amount{Minor: int64(x), Currency: sc.f.Currency}
		}
		return bound(x)
	}
	if q.Min != nil && n < *q.Min {
		return q.fault("too_small", "min", limit(*q.Min))
	}
	if q.Max != nil && n > *q.Max {
		return q.fault("too_large", "max", limit(*q.Max))
	}
	return nil
}

// bound writes a limit as a whole number where it is one.
func bound(x float64) any {
	if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
		return int64(x)
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// maxCode bounds codes of areas and code lists that nobody is there to look up.
const maxCode = 100

// offers reports whether a code may be chosen now.
func (sc *scope) offers(q *question, code string) bool {
	if q.RefData == "" {
		i := slices.IndexFunc(q.Options, func(o Option) bool { return o.Code == code })
		return i >= 0 && (q.offers == nil || sc.holds(q.offers[i]))
	}
	if !codePattern.MatchString(code) {
		return false
	}
	if sc.f.Code == nil {
		return true
	}
	c, ok := sc.f.Code(q.RefData, code)
	return ok && !c.Retired && (q.Of == "" || c.Attributes["of"] == sc.vars[q.ofName])
}

// area reports whether an area may be chosen now.
func (sc *scope) area(q *question, code string) bool {
	if !codePattern.MatchString(code) {
		return false
	}
	if sc.f.Area == nil {
		return true
	}
	a, ok := sc.f.Area(code)
	if !ok || a.Level != "" && q.Level != "" && a.Level != q.Level {
		return false
	}
	if q.Within != "" && len(a.Within) > 0 && !slices.Contains(a.Within, q.Within) {
		return false
	}
	if q.Of == "" {
		return true
	}
	of, _ := sc.vars[q.ofName].(string)
	return slices.Contains(a.Within, of)
}

func (q *question) checkChoices(v any, sc *scope) *fault.Field {
	codes, ok := v.([]string)
	if !ok {
		return q.fault("not_an_option")
	}
	for i, c := range codes {
		if !sc.offers(q, c) || slices.Contains(codes[:i], c) {
			return q.fault("not_an_option")
		}
		if o := slices.IndexFunc(q.Options, func(o Option) bool { return o.Code == c }); o >= 0 && q.Options[o].Alone && len(codes) > 1 {
			return q.fault("chosen_alone", "option", q.Options[o].Label)
		}
	}
	if !slices.Equal(codes, q.ordered(codes)) {
		return q.fault("not_an_option")
	}
	if q.Min != nil && float64(len(codes)) < *q.Min {
		return q.fault("too_few", "min", bound(*q.Min), "n", len(codes))
	}
	if q.Max != nil && float64(len(codes)) > *q.Max {
		return q.fault("too_many", "max", bound(*q.Max), "n", len(codes))
	}
	return nil
}

// ordered puts chosen codes into the order of the options.
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

func (q *question) checkAddress(v any, sc *scope) *fault.Field {
	a, ok := v.(Address)
	switch {
	case !ok || a.Lines != tidy(a.Lines, true) || a.Area != tidy(a.Area, false):
		return q.fault("not_an_address")
	case len(q.Levels) > 0 && a.Area == "":
		return q.fault("area_missing")
	case len(q.Levels) == 0 && a.Area != "" || a.Area != "" && !sc.area(q, a.Area):
		return q.fault("not_an_option")
	case a.Lines == "":
		return q.fault("lines_missing")
	}
	return q.checkLength(a.Lines)
}

func (q *question) checkPoint(v any) *fault.Field {
	p, ok := v.(Point)
	if !ok || math.IsNaN(p.Lat) || math.IsNaN(p.Lng) || math.Abs(p.Lat) > 90 || math.Abs(p.Lng) > 180 {
		return q.fault("not_a_point")
	}
	return nil
}

func (q *question) checkSignature(v any) *fault.Field {
	s, ok := v.(Signature)
	switch {
	case !ok || s.Signed != tidy(s.Signed, false):
		return q.fault("not_a_signature")
	case !strings.ContainsFunc(s.Signed, unicode.IsLetter):
		return q.fault("signature_name_missing")
	case s.Drawing == nil:
		return q.checkLength(s.Signed)
	case s.Drawing.MediaType != "image/png" || s.Drawing.Size <= 0 || s.Drawing.Size > maxDrawing:
		return q.fault("not_a_signature")
	}
	return q.checkLength(s.Signed)
}

// maxDrawing is the most bytes of a drawn signature.
const maxDrawing = 1 << 20

func (q *question) checkEvidence(v any, sc *scope) *fault.Field {
	e, ok := v.(Evidence)
	if !ok {
		return q.fault("not_a_proof")
	}
	i := slices.IndexFunc(q.doc.Proofs, func(p Proof) bool { return p.Code == e.Proof })
	if i < 0 {
		return q.fault("not_an_option")
	}
	p := q.doc.Proofs[i]
	switch {
	case p.Credential != "":
		if !codePattern.MatchString(e.Credential) || len(e.Files) > 0 {
			return q.fault("credential_missing")
		}
	case p.Lookup != "":
		if found, _ := sc.lookup(p.Lookup); !found || len(e.Files) > 0 || e.Credential != "" {
			return q.fault("record_missing")
		}
	case e.Credential != "" || len(e.Files) == 0:
		return q.fault("file_missing")
	}
	return q.checkFilesBy(e.Files, p.Accept, p.MaxSize, p.MaxFiles)
}

func (q *question) checkFiles(files []File) *fault.Field {
	return q.checkFilesBy(files, q.Accept, q.MaxSize, q.MaxFiles)
}

func (q *question) checkFilesBy(files []File, accept []string, maxSize int64, maxFiles int) *fault.Field {
	if len(files) > maxFiles {
		return q.fault("too_many_files", "max", maxFiles, "n", len(files))
	}
	for _, file := range files {
		mediaType, _, _ := strings.Cut(strings.ToLower(file.MediaType), ";")
		switch {
		case file.Size <= 0:
			return q.fault("empty_file", "file", file.Name)
		case file.Size > maxSize:
			return q.fault("file_too_large", "file", file.Name, "max", maxSize, "megabytes", maxSize>>20)
		case !slices.ContainsFunc(accept, func(a string) bool { return mediaMatches(a, strings.TrimSpace(mediaType)) }):
			return q.fault("file_type_refused", "file", file.Name, "accept", strings.Join(accept, ", "))
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

// plausible refuses years that were surely mistyped: two digits, or five.
func plausible(d civil.Date) bool { return d.Year >= 1800 && d.Year <= 2999 }

// comparePaths orders paths of rows by their number: members.2.age before members.10.age.
func comparePaths(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		n, err1 := strconv.Atoi(x[i])
		m, err2 := strconv.Atoi(y[i])
		if err1 == nil && err2 == nil && n != m {
			return n - m
		}
		if c := strings.Compare(x[i], y[i]); c != 0 && (err1 != nil || err2 != nil) {
			return c
		}
	}
	return len(x) - len(y)
}

// RowPath is where a question of a row is found among faults and items of a correction: "members.2.age".
func RowPath(group string, row int, field string) string { return fieldPath(group, row, field) }

// SplitPath takes a path of RowPath apart; ok is false for the code of a question that is in no row.
func SplitPath(path string) (group string, row int, field string, ok bool) {
	parts := strings.Split(path, ".")
	if len(parts) != 3 {
		return path, 0, "", false
	}
	n, err := strconv.Atoi(parts[1])
	return parts[0], n, parts[2], err == nil && n >= 0 && fmt.Sprint(n) == parts[1]
}
