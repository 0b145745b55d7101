package condition

import (
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/servicespec"
)

// Keys of choices: what a test looks at is a name, a measure of one (age:born) or a sum over rows (sum:members.income);
// rows:members asks something of the rows.
const (
	rowsKey = "rows:"
	sumKey  = servicespec.MeasureSum + ":"
)

// lookUp returns what a key stands for: the variable, the measure of it, and the question of rows that is summed up.
func lookUp(names []servicespec.Variable, key string) (x servicespec.Variable, measure, field string, ok bool) {
	name := key
	if of, found := strings.CutPrefix(key, rowsKey); found {
		name = of
	} else if before, of, found := strings.Cut(key, ":"); found {
		measure, name = before, of
	}
	if measure == servicespec.MeasureSum {
		name, field, _ = strings.Cut(name, ".")
	}
	x, ok = servicespec.FindVariable(names, name)
	return x, measure, field, ok
}

func keyOf(c servicespec.Clause) string {
	switch c.Measure {
	case "":
		return c.Name
	case servicespec.MeasureSum:
		return sumKey + c.Name + "." + c.Field
	}
	return c.Measure + ":" + c.Name
}

// valued is the variable whose values a test compares: the question itself, a plain number for most measures, the question
// that is summed up.
func valued(x servicespec.Variable, measure, field string) servicespec.Variable {
	if measure == servicespec.MeasureSum {
		for _, f := range x.Fields {
			if f.Name == field {
				return f
			}
		}
	}
	if measure != "" {
		return servicespec.Variable{Kind: servicespec.KindNumber}
	}
	return x
}

// shown makes a tree of a clause. What the choices of the form cannot say stands in it as an expression.
func shown(c servicespec.Clause, names []servicespec.Variable, currency string) *tree {
	switch c.Kind {
	case servicespec.ClauseGroup:
		t := &tree{kind: kindGroup, join: c.Join}
		for _, x := range c.Of {
			t.of = append(t.of, shown(x, names, currency))
		}
		return t
	case servicespec.ClauseRows:
		if x, ok := servicespec.FindVariable(names, c.Name); ok && x.Kind == servicespec.KindGroup && len(c.Of) == 1 {
			inner := shown(c.Of[0], append(slices.Clone(names), x.RowVariables(c.Each)...), currency)
			if inner.kind != kindGroup {
				inner = &tree{kind: kindGroup, join: servicespec.AllOf, of: []*tree{inner}}
			}
			return &tree{kind: kindRows, join: c.Join, what: rowsKey + c.Name, each: c.Each, of: []*tree{inner}}
		}
	case servicespec.ClauseTest:
		if t, ok := shownTest(c, names, currency); ok {
			return t
		}
	}
	return &tree{kind: kindRaw, raw: c.CEL()}
}

func shownTest(c servicespec.Clause, names []servicespec.Variable, currency string) (*tree, bool) {
	t := &tree{kind: kindTest, what: keyOf(c), op: c.Op}
	x, measure, field, ok := lookUp(names, t.what)
	if !ok || !slices.Contains(append(x.Ops(measure), servicespec.OpNotBetween, servicespec.OpStartsNot), c.Op) {
		return nil, false
	}
	of := valued(x, measure, field)
	for i, v := range c.Values {
		if v.Name != "" {
			if _, known := servicespec.FindVariable(names, v.Name); !known || len(c.Values) > 1 {
				return nil, false
			}
			t.with = v.Name
			return t, true
		}
		text, ok := typed(of, v.Value, currency)
		switch {
		case !ok:
			return nil, false
		case servicespec.Arity(c.Op) == 2 && i == 1:
			t.to = text
		default:
			t.values = append(t.values, text)
		}
	}
	return t, true
}

// typed writes a value as it is typed into the form; ok is false for one that does not suit the question.
func typed(x servicespec.Variable, v any, currency string) (string, bool) {
	switch value := v.(type) {
	case string:
		switch x.Kind {
		case servicespec.KindNumber, servicespec.KindMoney, servicespec.KindDate, servicespec.KindMonth, servicespec.KindToday:
			return value, false
		}
		return value, value != "" && value == strings.TrimSpace(value)
	case int64:
		switch {
		case x.Kind == servicespec.KindMoney:
			return (money.Amount{Minor: value, Currency: currency}).Decimal(), true
		case x.Kind == servicespec.KindNumber:
			return strconv.FormatInt(value, 10), x.Places == 0
		}
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64), x.Kind == servicespec.KindNumber && x.Places > 0
	case civil.Date:
		switch x.Kind {
		case servicespec.KindDate, servicespec.KindToday:
			return value.String(), true
		case servicespec.KindMonth:
			return value.String()[:7], value.Day == 1
		}
	}
	return "", false
}

// value reads what was typed. Errors: the key of a sentence, "" for none.
func value(x servicespec.Variable, text, currency string) (servicespec.Operand, string) {
	switch x.Kind {
	case servicespec.KindNumber:
		plain := plainNumber(text)
		if x.Places > 0 {
			v, err := strconv.ParseFloat(plain, 64)
			if err != nil || strings.ContainsAny(plain, "eExXinfINF_") {
				return servicespec.Operand{}, "condition.wrong.number"
			}
			return servicespec.Operand{Value: v}, ""
		}
		v, err := strconv.ParseInt(plain, 10, 64)
		if err != nil {
			return servicespec.Operand{}, "condition.wrong.number"
		}
		return servicespec.Operand{Value: v}, ""
	case servicespec.KindMoney:
		v, err := money.Parse(plainNumber(text), currency)
		if err != nil {
			return servicespec.Operand{}, "condition.wrong.money"
		}
		return servicespec.Operand{Value: v.Minor}, ""
	case servicespec.KindDate, servicespec.KindMonth, servicespec.KindToday:
		if x.Kind == servicespec.KindMonth && len(text) == len("2006-01") {
			text += "-01"
		}
		d, err := civil.Parse(text)
		if err != nil {
			return servicespec.Operand{}, "condition.wrong.date"
		}
		return servicespec.Operand{Value: d}, ""
	}
	return servicespec.Operand{Value: text}, ""
}

// plainNumber takes out what people put into numbers to read them, and makes the decimal sign a point.
func plainNumber(s string) string {
	return strings.NewReplacer(" ", "", "\u00a0", "", ",", ".").Replace(s)
}

// clause makes a clause of a tree, and notes in the tree what is missing or wrong; a part that says nothing yet is left out.
func (t *tree) clause(names []servicespec.Variable, currency string) servicespec.Clause {
	switch t.kind {
	case kindRaw:
		return servicespec.Clause{Kind: servicespec.ClauseRaw, Raw: t.raw}
	case kindRows:
		x, _, _, ok := lookUp(names, t.what)
		if !ok || len(t.of) != 1 {
			return servicespec.Clause{}
		}
		inner := t.of[0].clause(append(slices.Clone(names), x.RowVariables(t.each)...), currency)
		if inner.Empty() {
			return servicespec.Clause{}
		}
		return servicespec.Clause{Kind: servicespec.ClauseRows, Join: t.join, Name: x.Name, Each: t.each, Of: []servicespec.Clause{inner}}
	case kindTest:
		return t.test(names, currency)
	}
	c := servicespec.Clause{Join: t.join}
	for _, part := range t.of {
		c.Of = append(c.Of, part.clause(names, currency))
	}
	return c
}

func (t *tree) test(names []servicespec.Variable, currency string) servicespec.Clause {
	x, measure, field, ok := lookUp(names, t.what)
	if !ok {
		if t.what != "" {
			t.wrong = "condition.wrong.name"
		}
		return servicespec.Clause{}
	}
	c := servicespec.Clause{Kind: servicespec.ClauseTest, Name: x.Name, Measure: measure, Field: field, Op: t.op}
	if measure == servicespec.MeasureSum {
		c.Each = rowWord("", names)
	}
	arity := servicespec.Arity(t.op)
	if arity == 0 {
		return c
	}
	if t.with != "" && arity == 1 {
		c.Values = []servicespec.Operand{{Name: t.with}}
		return c
	}
	texts := t.values
	if arity == 2 {
		texts = append(slices.Clone(texts[:min(1, len(texts))]), t.to)
	} else if arity == 1 && len(texts) > 1 {
		texts = texts[:1]
	}
	if len(texts) == 0 || slices.Contains(texts, "") {
		t.wrong = "condition.wrong.missing"
		return servicespec.Clause{}
	}
	for _, text := range texts {
		v, wrong := value(valued(x, measure, field), text, currency)
		if wrong != "" {
			t.wrong = wrong
			return servicespec.Clause{}
		}
		c.Values = append(c.Values, v)
	}
	return c
}

// faults returns the parts in which something is missing or wrong.
func (t *tree) faults() []*tree {
	var out []*tree
	if t.wrong != "" {
		out = append(out, t)
	}
	for _, x := range t.of {
		out = append(out, x.faults()...)
	}
	return out
}
