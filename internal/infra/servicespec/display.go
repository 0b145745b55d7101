package servicespec

import (
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
)

// Words are what Display needs to write an answer. Any of the functions may be nil.
type Words struct {
	T        func(key string) string        // catalogue: "answer.yes", "answer.no", "answer.declared"
	Boundary func(code string) string       // name of an area
	RefData  func(list, code string) string // label of a code of a code list
	Currency string                         // of fields of kind money
	Fallback string                         // language of labels where lang lacks them
}

func (w Words) say(key, otherwise string) string {
	if w.T == nil {
		return otherwise
	}
	return w.T(key)
}

// Display writes an answer as people read it: dates and money in words of the language, options by their label,
// yes and no by the catalogue, phone numbers in groups. It returns "" for no answer.
func Display(q Question, v any, lang string, w Words) string {
	switch x := v.(type) {
	case bool:
		switch {
		case q.Kind == KindDeclaration && x:
			return w.say("answer.declared", "yes")
		case x:
			return w.say("answer.yes", "yes")
		}
		return w.say("answer.no", "no")
	case int64:
		if q.Kind == KindMoney {
			return i18n.FormatMoney(lang, money.Amount{Minor: x, Currency: w.Currency})
		}
		return i18n.FormatNumber(lang, x)
	case []string:
		labels := make([]string, len(x))
		for i, code := range x {
			labels[i] = q.label(code, lang, w)
		}
		return strings.Join(labels, listComma(lang))
	case []File:
		names := make([]string, len(x))
		for i, file := range x {
			names[i] = file.Name
		}
		return strings.Join(names, listComma(lang))
	case string:
		return displayText(q, x, lang, w)
	case nil:
		return ""
	}
	return fmt.Sprint(v)
}

func displayText(q Question, s, lang string, w Words) string {
	switch q.Kind {
	case KindDate:
		if d, err := civil.Parse(s); err == nil {
			return i18n.FormatDay(lang, d)
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

func (q Question) label(code, lang string, w Words) string {
	if q.RefData != "" {
		if w.RefData != nil {
			return w.RefData(q.RefData, code)
		}
		return code
	}
	for _, o := range q.Options {
		if o.Code == code {
			return o.Label.In(lang, w.Fallback)
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

// Posted returns an answer as the fields of a form, the way Read takes it in: what a page puts into its inputs.
func Posted(q Question, v any, f Facts) map[string][]string {
	one := func(s string) map[string][]string { return map[string][]string{q.Code: {s}} }
	switch x := v.(type) {
	case bool:
		if x {
			return one("yes")
		}
		return one("no")
	case int64:
		if q.Kind == KindMoney {
			return one(money.Amount{Minor: x, Currency: f.Currency}.Decimal())
		}
		return one(fmt.Sprint(x))
	case []string:
		return map[string][]string{q.Code: x}
	case []File:
		ids := make([]string, len(x))
		for i, file := range x {
			ids[i] = file.ID.String()
		}
		return map[string][]string{q.Code: ids}
	case string:
		if d, err := civil.Parse(x); err == nil && q.Kind == KindDate {
			return map[string][]string{
				q.Code + ".day": {fmt.Sprint(d.Day)}, q.Code + ".month": {fmt.Sprint(int(d.Month))}, q.Code + ".year": {fmt.Sprint(d.Year)},
			}
		}
		return one(x)
	}
	return nil
}
