package locale

import (
	"slices"
	"strings"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/servicespec"
)

// Span is a run of a sentence; Strong ones are names and values of the service, which stand out from the words around them.
type Span struct {
	Text   string
	Strong bool
}

// Saying says conditions of a service in a reader's language.
type Saying struct {
	Texts    *i18n.Catalog
	Lang     string
	Fallback string // language of the service's own texts where Lang lacks them
	Currency string
	Names    []servicespec.Variable // what the condition may look at
}

// Clause says a condition as a part of a sentence: "for whom is another person, and age is at least 18". Nothing is said of an
// empty one.
func (s Saying) Clause(c servicespec.Clause) []Span {
	return spans(s.clause(c.Normal(), false))
}

// Plain is Clause as one text.
func (s Saying) Plain(c servicespec.Clause) string {
	var b strings.Builder
	for _, x := range s.Clause(c) {
		b.WriteString(x.Text)
	}
	return b.String()
}

// Names and values are marked on their way through the catalogue's sentences.
const markOpen, markClose = "\uE000", "\uE001"

func marked(text string) string { return markOpen + text + markClose }

func spans(text string) []Span {
	var out []Span
	for text != "" {
		before, rest, found := strings.Cut(text, markOpen)
		if before != "" {
			out = append(out, Span{Text: before})
		}
		if !found {
			break
		}
		strong, after, _ := strings.Cut(rest, markClose)
		if strong != "" {
			out = append(out, Span{Text: strong, Strong: true})
		}
		text = after
	}
	return out
}

func (s Saying) t(key string, args ...any) string {
	named := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		named[args[i].(string)] = args[i+1]
	}
	return s.Texts.T(s.Lang, key, named)
}

func (s Saying) text(t i18n.Text) string { return t.In(s.Lang, s.Fallback) }

func (s Saying) clause(c servicespec.Clause, within bool) string {
	switch c.Kind {
	case servicespec.ClauseRaw:
		return s.t("clause.raw", "rule", marked(c.Raw))
	case servicespec.ClauseRows:
		return s.rows(c)
	case servicespec.ClauseTest:
		return s.test(c)
	}
	if len(c.Of) == 0 {
		return ""
	}
	parts := make([]string, len(c.Of))
	for i, x := range c.Of {
		parts[i] = s.clause(x, true)
	}
	join := "clause.and"
	if c.Join != servicespec.AllOf {
		join = "clause.or"
	}
	said := strings.Join(parts, s.t(join))
	if c.Join == servicespec.NoneOf {
		return s.t("clause.none", "clause", said)
	}
	if within {
		return s.t("clause.group", "clause", said)
	}
	return said
}

func (s Saying) rows(c servicespec.Clause) string {
	x := s.name(c.Name)
	inner := s
	inner.Names = append(slices.Clone(s.Names), x.RowVariables(c.Each)...)
	said := ""
	if len(c.Of) > 0 {
		said = inner.clause(c.Of[0], true)
	}
	return s.t("clause.rows."+c.Join, "name", marked(s.Label(c.Name)), "clause", said)
}

// name returns what is known of a name; of an unknown one its name alone.
func (s Saying) name(name string) servicespec.Variable {
	if x, ok := servicespec.FindVariable(s.Names, name); ok {
		return x
	}
	return servicespec.Variable{Name: name}
}

// Label is what people call a name: the words of its question, or its code where it has none.
func (s Saying) Label(name string) string {
	x := s.name(name)
	if label := s.text(x.Label); label != "" {
		return strings.TrimRight(label, " ?:؟")
	}
	if key := "clause.name." + name; s.Texts.Has(s.Lang, key) {
		return s.t(key)
	}
	return name
}

// Subject is what a test looks at, in words: "date of birth", "age by date of birth".
func (s Saying) Subject(c servicespec.Clause) string {
	label := s.Label(c.Name)
	switch c.Measure {
	case "":
		return label
	case servicespec.MeasureSum:
		field := c.Field
		for _, f := range s.name(c.Name).Fields {
			if f.Name == c.Field && s.text(f.Label) != "" {
				field = strings.TrimRight(s.text(f.Label), " ?:؟")
			}
		}
		return s.t("clause.measure.sum", "field", field, "name", label)
	}
	return s.t("clause.measure."+c.Measure, "name", label)
}

// Op is an operator in words, as it suits what is tested: "is before" of dates, "is less than" of numbers.
func (s Saying) Op(x servicespec.Variable, measure, op string) string {
	return s.t(opKey(x, measure, op), "name", "", "value", "", "to", "")
}

// Dates have words of their own; a rule holds or not.
func opKey(x servicespec.Variable, measure, op string) string {
	kind := x.Kind
	if measure != "" {
		kind = servicespec.KindNumber
	}
	switch kind {
	case servicespec.KindDate, servicespec.KindMonth, servicespec.KindToday:
		if slices.Contains([]string{servicespec.OpLess, servicespec.OpAtMost, servicespec.OpMore, servicespec.OpAtLeast}, op) {
			return "clause.date." + op
		}
	case servicespec.KindRule:
		if op == servicespec.OpYes || op == servicespec.OpNo {
			return "clause.rule." + op
		}
	}
	return "clause.op." + op
}

func (s Saying) test(c servicespec.Clause) string {
	x := s.name(c.Name)
	args := []any{"name", marked(s.Subject(c))}
	said := make([]string, len(c.Values))
	for i, v := range c.Values {
		said[i] = marked(s.Operand(x, c, v))
	}
	switch {
	case servicespec.Arity(c.Op) == 2 && len(said) == 2:
		args = append(args, "value", said[0], "to", said[1])
	case len(said) > 0:
		args = append(args, "value", strings.Join(said, s.t("clause.or.value")))
	default:
		args = append(args, "value", marked("…"), "to", marked("…"))
	}
	return s.t("clause.say."+strings.TrimPrefix(opKey(x, c.Measure, c.Op), "clause."), args...)
}

// Operand writes what something is compared with: an option by its label, dates, numbers and money as people read them,
// another question by its words.
func (s Saying) Operand(x servicespec.Variable, c servicespec.Clause, v servicespec.Operand) string {
	if v.Name != "" {
		return s.Label(v.Name)
	}
	isMoney := x.Kind == servicespec.KindMoney && c.Measure == ""
	unit := ""
	if c.Measure == "" && x.Unit != "" {
		unit = "\u00a0" + x.Unit
	}
	switch value := v.Value.(type) {
	case string:
		for _, o := range x.Options {
			if o.Code == value && s.text(o.Label) != "" {
				return s.text(o.Label)
			}
		}
		if value == "" {
			return "“”"
		}
		return value
	case int64:
		if isMoney {
			return i18n.FormatMoney(s.Lang, money.Amount{Minor: value, Currency: s.Currency})
		}
		return i18n.FormatNumber(s.Lang, value) + unit
	case float64:
		return i18n.FormatDecimal(s.Lang, value) + unit
	case civil.Date:
		return i18n.FormatDay(s.Lang, value)
	case bool:
		return s.t(map[bool]string{true: "answer.yes", false: "answer.no"}[value])
	}
	return ""
}
