package servicespec

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
)

// input is where the answer to one question stands in a post, and what was answered before.
type input struct {
	posted map[string][]string
	name   string
	have   any
}

func (in input) one(part string) string {
	if vs := in.posted[in.name+part]; len(vs) > 0 {
		return vs[0]
	}
	return ""
}

func (in input) given(part string) bool { _, ok := in.posted[in.name+part]; return ok }

// parse reads a question's answer from a form post into normal form; nil where nothing was posted. It takes any
// harmless way of writing. Whether the value will do is for check to say.
func (q *question) parse(in input, sc *scope) (any, *fault.Field) {
	switch q.Kind {
	case KindDate, KindMonth:
		return q.parseDay(in)
	case KindChoices:
		return q.parseChoices(in)
	case KindFile:
		return q.keptFiles(in, "", in.have)
	case KindName:
		if len(q.Parts) > 0 {
			return q.parseName(in)
		}
	case KindBoundary:
		if len(q.Levels) > 1 {
			return q.parseArea(in, sc)
		}
	case KindAddress:
		return q.parseAddress(in, sc)
	case KindPoint:
		return q.parsePoint(in)
	case KindDocument:
		return q.parseEvidence(in)
	case KindSignature:
		return q.parseSignature(in)
	}
	s := tidy(in.one(""), q.Kind == KindLongText)
	if s == "" {
		return nil, nil
	}
	return q.parseText(s, sc)
}

// identity writes a number without what people put between its groups, save where the pattern has that itself: LC-2026-000123.
func (q *question) identity(s string) string {
	if q.Scheme == "" && q.pattern != nil && q.pattern.MatchString(s) {
		return s
	}
	return compact(s)
}

// parseText reads the kinds that are posted as one text.
func (q *question) parseText(s string, sc *scope) (any, *fault.Field) {
	var v any
	var ok bool
	code := "not_a_number"
	switch q.Kind {
	case KindNumber:
		if q.Places > 0 {
			v, ok = parseDecimal(s, q.Places)
		} else {
			v, ok = parseWhole(s)
		}
	case KindMoney:
		v, ok = parseMoney(s, sc.f.Currency)
	case KindEmail:
		v, ok = parseEmail(s)
		code = "not_an_email"
	case KindPhone:
		v, ok = parsePhone(s, sc.f.Region)
		code = "not_a_phone"
	case KindTime:
		v, ok = parseTime(s)
		code = "not_a_time"
	case KindID:
		v, ok = q.identity(s), true
	case KindYesNo, KindDeclaration:
		v, ok = map[string]bool{"yes": true, "true": true, "on": true, "no": false, "false": false, "off": false}[s], slices.Contains([]string{"yes", "true", "on", "no", "false", "off"}, s)
		code = "not_an_option"
	default:
		return s, nil
	}
	if !ok {
		return nil, q.fault(code)
	}
	return v, nil
}

// parseChoices reads ticked boxes: each once, in the order of the options. The pages' empty value, which says
// that a list was shown and left alone, does not count.
func (q *question) parseChoices(in input) (any, *fault.Field) {
	var codes []string
	for _, s := range in.posted[in.name] {
		if s = tidy(s, false); s != "" && !slices.Contains(codes, s) {
			codes = append(codes, s)
		}
	}
	if len(codes) == 0 {
		return nil, nil
	}
	return q.ordered(codes), nil
}

// keptFiles returns the files among the answers whose ids were posted; all of them where nothing was.
func (q *question) keptFiles(in input, part string, answer any) (any, *fault.Field) {
	have, _ := answer.([]File)
	if !in.given(part) {
		if len(have) == 0 {
			return nil, nil
		}
		return have, nil
	}
	var kept []File
	for _, id := range in.posted[in.name+part] {
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

// parseDay reads the three fields of a date or the two of a month, or one.
func (q *question) parseDay(in input) (any, *fault.Field) {
	field := func(part string) string { return strings.TrimSpace(westernDigits(tidy(in.one(part), false))) }
	month := q.Kind == KindMonth
	code, end := "not_a_date", ""
	if month {
		code, end = "not_a_month", "-01"
	}
	if s := field(""); s != "" {
		d, err := civil.Parse(s + end)
		if err != nil || !plausible(d) {
			return nil, q.fault(code)
		}
		return strings.TrimSuffix(d.String(), end), nil
	}
	day, mon, year := field(".day"), field(".month"), field(".year")
	if month {
		day = ""
	}
	if day+mon+year == "" {
		return nil, nil
	}
	if month {
		day = "1"
	}
	d, err1 := strconv.ParseUint(day, 10, 8)
	m, err2 := strconv.ParseUint(mon, 10, 8)
	y, err3 := strconv.ParseUint(year, 10, 16)
	date := civil.Date{Year: int(y), Month: time.Month(m), Day: int(d)}
	if err1 != nil || err2 != nil || err3 != nil || !plausible(date) || !date.Valid() {
		return nil, q.fault(code)
	}
	return strings.TrimSuffix(date.String(), end), nil
}

func (q *question) parseName(in input) (any, *fault.Field) {
	n := Name{}
	for _, part := range q.Parts {
		s := tidy(in.one("."+part), false)
		if part == PartFamily {
			n.Family = s
		} else {
			n.Given = s
		}
	}
	if n == (Name{}) {
		return nil, nil
	}
	return n, nil
}

// parseArea reads a cascade of areas: what was chosen on the last level, if it lies in what was chosen above.
func (q *question) parseArea(in input, sc *scope) (any, *fault.Field) {
	if s := tidy(in.one("")+in.one(".area"), false); s != "" {
		return s, nil
	}
	chosen, any := "", false
	for _, level := range q.Levels {
		code := tidy(in.one("."+level), false)
		any = any || code != ""
		if code != "" && chosen != "" && sc.f.Area != nil {
			if a, ok := sc.f.Area(code); !ok || len(a.Within) > 0 && !slices.Contains(a.Within, chosen) {
				return nil, q.fault("area_missing") // another one was chosen above since
			}
		}
		if code != "" || chosen != "" {
			chosen = code
		}
	}
	if any && chosen == "" {
		return nil, q.fault("area_missing")
	}
	if chosen == "" {
		return nil, nil
	}
	return chosen, nil
}

func (q *question) parseAddress(in input, sc *scope) (any, *fault.Field) {
	a := Address{Lines: tidy(in.one(".lines"), true)}
	if len(q.Levels) > 0 {
		area, bad := q.parseArea(in, sc)
		if bad != nil {
			return nil, bad
		}
		a.Area, _ = area.(string)
	}
	if a == (Address{}) {
		return nil, nil
	}
	return a, nil
}

func (q *question) parsePoint(in input) (any, *fault.Field) {
	lat, lng := tidy(in.one(".lat"), false), tidy(in.one(".lng"), false)
	if s := tidy(in.one(""), false); s != "" {
		var ok bool
		if lat, lng, ok = strings.Cut(s, ";"); !ok {
			i := strings.LastIndex(s, ", ")
			if i < 0 {
				i = strings.LastIndex(s, ",")
			}
			if i < 0 {
				return nil, q.fault("not_a_point")
			}
			lat, lng = s[:i], s[i+1:]
		}
	}
	if lat+lng == "" {
		return nil, nil
	}
	x, ok := parseDegrees(lat)
	y, ok2 := parseDegrees(lng)
	if !ok || !ok2 {
		return nil, q.fault("not_a_point")
	}
	return Point{x, y}, nil
}

// parseEvidence reads which proof was chosen; its files were uploaded before.
func (q *question) parseEvidence(in input) (any, *fault.Field) {
	have, _ := in.have.(Evidence)
	e := Evidence{Proof: tidy(in.one(""), false)}
	if !in.given("") {
		e.Proof = have.Proof
	}
	i := slices.IndexFunc(q.doc.Proofs, func(p Proof) bool { return p.Code == e.Proof })
	if i >= 0 && q.doc.Proofs[i].Credential != "" {
		if e.Credential = tidy(in.one(".credential"), false); !in.given(".credential") {
			e.Credential = have.Credential
		}
	}
	if i >= 0 && q.doc.Proofs[i].Credential == "" && have.Proof == e.Proof {
		kept, bad := q.keptFiles(in, ".keep", have.Files)
		if bad != nil {
			return nil, bad
		}
		e.Files, _ = kept.([]File)
	}
	if e.Proof == "" {
		return nil, nil
	}
	return e, nil
}

func (q *question) parseSignature(in input) (any, *fault.Field) {
	have, _ := in.have.(Signature)
	s := Signature{Signed: tidy(in.one(""), false), Drawing: have.Drawing}
	if !in.given("") {
		s.Signed = have.Signed
	}
	if in.one(".clear") != "" {
		s.Drawing = nil
	}
	if s.Signed == "" && s.Drawing == nil {
		return nil, nil
	}
	return s, nil
}
