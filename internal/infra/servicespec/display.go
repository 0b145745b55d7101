package servicespec

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
)

// Words are what Display needs to write an answer. Any of the functions may be nil.
type Words struct {
	T        func(key string) string        // catalogue: "answer.yes", "answer.no", "answer.declared", "answer.signed"
	Boundary func(code string) string       // name of an area
	RefData  func(list, code string) string // label of a code of a code list
	Currency string                         // of fields of kind money
	Fallback string                         // language of labels where lang lacks them
	Spoken   func(lang, text string)        // is told of each text that is written, with the language it is in; nil where nobody asks
}

// In writes a text in a language, or in the next best.
func (w Words) In(t i18n.Text, lang string) string {
	text, in := t.Spoken(lang, w.Fallback)
	if w.Spoken != nil {
		w.Spoken(in, text)
	}
	return text
}

func (w Words) say(key, otherwise string) string {
	if w.T == nil {
		return otherwise
	}
	return w.T(key)
}

// Display writes an answer as people read it: dates and money in words of the language, options by their label,
// yes and no by the catalogue, phone numbers in groups, addresses on lines. Rows are named by their titles, one a line. It
// returns "" for no answer.
func Display(q *Question, v any, lang string, w Words) string {
	switch x := v.(type) {
	case nil:
		return ""
	case bool:
		switch {
		case q.Kind == KindDeclaration && x:
			return w.say("answer.declared", "yes")
		case x:
			return w.say("answer.yes", "yes")
		}
		return w.say("answer.no", "no")
	case int64:
		return displayNumber(q, x, lang, w)
	case Decimal:
		return withUnit(q, i18n.FormatDecimal(lang, float64(x)))
	case float64:
		return withUnit(q, i18n.FormatDecimal(lang, x))
	case []string:
		labels := make([]string, len(x))
		for i, code := range x {
			labels[i] = q.label(code, lang, w)
		}
		return strings.Join(labels, listComma(lang))
	case []File:
		return strings.Join(fileNames(x), listComma(lang))
	case string:
		return displayText(q, x, lang, w)
	}
	return displayParts(q, v, lang, w)
}

func displayNumber(q *Question, n int64, lang string, w Words) string {
	if q.Kind == KindMoney || q.Kind == KindComputed && q.As == "money" {
		return i18n.FormatMoney(lang, money.Amount{Minor: n, Currency: w.Currency})
	}
	return withUnit(q, i18n.FormatNumber(lang, n))
}

func withUnit(q *Question, s string) string {
	if q.Unit == "" {
		return s
	}
	return s + "\u00a0" + q.Unit
}

// displayParts writes answers that have parts.
func displayParts(q *Question, v any, lang string, w Words) string {
	switch x := v.(type) {
	case Name:
		return x.In(q.Parts)
	case Address:
		if x.Area == "" {
			return x.Lines
		}
		area := x.Area
		if w.Boundary != nil {
			area = w.Boundary(x.Area)
		}
		return strings.TrimPrefix(x.Lines+"\n"+area, "\n")
	case Point:
		return i18n.FormatDecimal(lang, x.Lat) + "; " + i18n.FormatDecimal(lang, x.Lng)
	case Evidence:
		return strings.Join(append([]string{x.Proof}, fileNames(x.Files)...), listComma(lang))
	case Signature:
		return w.say("answer.signed", "signed") + ": " + x.Signed
	case Rows:
		return displayRows(q, x, lang, w)
	}
	return fmt.Sprint(v)
}

// DisplayEvidence writes which proof of a document was given, with the names of its files.
func DisplayEvidence(d *Document, e Evidence, lang string, w Words) string {
	words := fileNames(e.Files)
	for _, p := range d.Proofs {
		if p.Code == e.Proof {
			words = append([]string{w.In(p.Name, lang)}, words...)
		}
	}
	return strings.Join(words, listComma(lang))
}

// displayRows names rows by the first answer in each.
func displayRows(q *Question, rows Rows, lang string, w Words) string {
	lines := make([]string, 0, len(rows))
	for i, row := range rows {
		line := strconv.Itoa(i + 1)
		for j := range q.Fields {
			f := &q.Fields[j]
			if s := Display(f, row[f.Code], lang, w); s != "" {
				line = s
				break
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func displayText(q *Question, s, lang string, w Words) string {
	switch q.Kind {
	case KindDate, KindComputed:
		if d, err := civil.Parse(s); err == nil && (q.Kind == KindDate || q.As == "date") {
			return i18n.FormatDay(lang, d)
		}
	case KindMonth:
		if d, err := civil.Parse(s + "-01"); err == nil {
			return i18n.FormatMonth(lang, d.Year, d.Month)
		}
	case KindChoice:
		return q.label(s, lang, w)
	case KindBoundary:
		if w.Boundary != nil {
			return w.Boundary(s)
		}
	case KindPhone:
		if n, err := phonenumbers.Parse(s, ""); err == nil {
			return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
		}
	}
	return s
}

func (q *Question) label(code, lang string, w Words) string {
	if q.RefData != "" {
		if w.RefData != nil {
			return w.RefData(q.RefData, code)
		}
		return code
	}
	for _, o := range q.Options {
		if o.Code == code {
			return w.In(o.Label, lang)
		}
	}
	return code
}

func listComma(lang string) string {
	if i18n.Dir(lang) == "rtl" {
		return "، "
	}
	return ", "
}

// Posted returns an answer as the fields of a form, the way Read takes it in: what a page puts into its inputs. name is the
// question's code, or that of a question in a row: members.2.age.
func Posted(name string, q *Question, v any, f Facts) map[string][]string {
	one := func(s string) map[string][]string { return map[string][]string{name: {s}} }
	switch x := v.(type) {
	case nil:
		return nil
	case bool:
		if x {
			return one("yes")
		}
		return one("no")
	case int64:
		if q.Kind == KindMoney {
			return one(wholeAmount(money.Amount{Minor: x, Currency: f.Currency}.Decimal()))
		}
		return one(fmt.Sprint(x))
	case Decimal:
		return one(x.String())
	case []string:
		return map[string][]string{name: x}
	case []File:
		return map[string][]string{name: fileIDs(x)}
	case Name:
		out := map[string][]string{}
		for _, part := range q.Parts {
			out[name+"."+part] = []string{x.part(part)}
		}
		return out
	case Address:
		return postedAddress(name, q, x, f)
	case Point:
		return map[string][]string{name + ".lat": {degrees(x.Lat)}, name + ".lng": {degrees(x.Lng)}}
	case Evidence:
		return map[string][]string{name: {x.Proof}, name + ".credential": {x.Credential}, name + ".keep": fileIDs(x.Files)}
	case Signature:
		return one(x.Signed)
	case Rows:
		return postedRows(name, q, x, f)
	case string:
		return postedText(name, q, x, f)
	}
	return nil
}

// wholeAmount leaves away decimals that say nothing, as people do when they type.
func wholeAmount(s string) string {
	if whole, fraction, ok := strings.Cut(s, "."); ok && strings.Trim(fraction, "0") == "" {
		return whole
	}
	return s
}

func fileIDs(files []File) []string {
	ids := make([]string, len(files))
	for i, file := range files {
		ids[i] = file.ID.String()
	}
	return ids
}

func postedText(name string, q *Question, s string, f Facts) map[string][]string {
	switch q.Kind {
	case KindDate, KindMonth:
		whole := s
		if q.Kind == KindMonth {
			whole += "-01"
		}
		if d, err := civil.Parse(whole); err == nil {
			out := map[string][]string{name + ".month": {fmt.Sprint(int(d.Month))}, name + ".year": {fmt.Sprint(d.Year)}}
			if q.Kind == KindDate {
				out[name+".day"] = []string{fmt.Sprint(d.Day)}
			}
			return out
		}
	case KindBoundary:
		if len(q.Levels) > 1 {
			return postedArea(name, q, s, f)
		}
	}
	return map[string][]string{name: {s}}
}

// postedArea fills a cascade from the area that was chosen at its end.
func postedArea(name string, q *Question, code string, f Facts) map[string][]string {
	out := map[string][]string{}
	if code == "" {
		return out
	}
	out[name+"."+q.Levels[len(q.Levels)-1]] = []string{code}
	if f.Area == nil {
		return map[string][]string{name + ".area": {code}}
	}
	a, _ := f.Area(code)
	for _, above := range a.Within {
		if b, ok := f.Area(above); ok {
			for _, level := range q.Levels {
				if b.Level == level {
					out[name+"."+level] = []string{above}
				}
			}
		}
	}
	return out
}

func postedAddress(name string, q *Question, a Address, f Facts) map[string][]string {
	out := map[string][]string{name + ".lines": {a.Lines}}
	if len(q.Levels) > 0 {
		for part, v := range postedArea(name, q, a.Area, f) {
			out[part] = v
		}
	}
	return out
}

func postedRows(name string, q *Question, rows Rows, f Facts) map[string][]string {
	out := map[string][]string{name + rowsMark: {strconv.Itoa(len(rows))}}
	for i, row := range rows {
		for j := range q.Fields {
			field := &q.Fields[j]
			for part, v := range Posted(fieldPath(name, i, field.Code), field, row[field.Code], f) {
				out[part] = v
			}
		}
	}
	return out
}
