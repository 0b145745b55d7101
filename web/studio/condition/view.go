package condition

import (
	"slices"
	"strings"

	"digit/internal/infra/servicespec"
	"digit/web/ui"
)

// choices is a heading with what may be chosen under it.
type choices struct {
	label   string
	options []ui.Option
}

// whats are the things a row may look at, by the page that asks them.
func (f *Field) whats(names []servicespec.Variable, chosen string) []choices {
	var out []choices
	add := func(heading string, o ui.Option) {
		o.Checked = o.Value == chosen
		for i := range out {
			if out[i].label == heading {
				out[i].options = append(out[i].options, o)
				return
			}
		}
		out = append(out, choices{heading, []ui.Option{o}})
	}
	say := f.Saying
	say.Names = names
	for _, x := range names {
		heading := f.heading(x)
		if x.Kind == servicespec.KindGroup {
			add(heading, ui.Option{Value: rowsKey + x.Name, Label: f.say("condition.rows.of", "name", say.Label(x.Name))})
			for _, field := range x.Fields {
				if field.Kind == servicespec.KindNumber || field.Kind == servicespec.KindMoney {
					c := servicespec.Clause{Name: x.Name, Measure: servicespec.MeasureSum, Field: field.Name}
					add(heading, ui.Option{Value: keyOf(c), Label: say.Subject(c)})
				}
			}
		}
		for _, measure := range x.Measures() {
			c := servicespec.Clause{Name: x.Name, Measure: measure}
			add(heading, ui.Option{Value: keyOf(c), Label: say.Subject(c)})
		}
	}
	return out
}

func (f *Field) heading(x servicespec.Variable) string {
	if x.Kind == servicespec.KindRule {
		return f.say("condition.rules")
	}
	for _, pg := range f.Pack.Form.Pages {
		if pg.Code == x.Page {
			return pg.Title.In(f.Saying.Lang, f.Saying.Fallback)
		}
	}
	if strings.Contains(x.Name, ".") {
		return f.say("condition.row")
	}
	return f.say("condition.other")
}

// row is a test as the page shows it.
type row struct {
	*tree
	names    []servicespec.Variable
	variable servicespec.Variable // whose values are compared
	known    bool
	ops      []ui.Option
	others   []ui.Option // questions it may be compared with
}

func (f *Field) row(t *tree, names []servicespec.Variable) row {
	x, measure, field, ok := lookUp(names, t.what)
	r := row{tree: t, names: names, known: ok}
	if !ok {
		return r
	}
	r.variable = valued(x, measure, field)
	ops := x.Ops(measure)
	if t.op != "" && !slices.Contains(ops, t.op) {
		ops = append(ops, t.op)
	}
	say := f.Saying
	say.Names = names
	for _, op := range ops {
		r.ops = append(r.ops, ui.Option{Value: op, Label: say.Op(x, measure, op), Checked: op == t.op})
	}
	if servicespec.Arity(t.op) == 1 && len(r.variable.Options) == 0 {
		for _, y := range names {
			if y.Name != x.Name && comparable(r.variable.Kind, y.Kind) {
				r.others = append(r.others, ui.Option{Value: y.Name, Label: say.Label(y.Name), Checked: y.Name == t.with})
			}
		}
	}
	return r
}

// comparable reports whether answers of two kinds can be compared with each other.
func comparable(a, b string) bool {
	dates := []string{servicespec.KindDate, servicespec.KindMonth, servicespec.KindToday}
	return a == b && (a == servicespec.KindNumber || a == servicespec.KindMoney) || slices.Contains(dates, a) && slices.Contains(dates, b)
}

// values are the fields in which a row's value is typed or chosen.
func (f *Field) values(r row) []ui.Field {
	at := f.Name + "." + r.path
	arity := servicespec.Arity(r.op)
	if !r.known || arity == 0 {
		return nil
	}
	one := func(name, label, text string) ui.Field {
		v := ui.Field{Name: name, ID: name, Label: label, HideLabel: true, Value: text}
		switch r.variable.Kind {
		case servicespec.KindNumber:
			v.InputMode, v.Width, v.Suffix = "decimal", "5", r.variable.Unit
		case servicespec.KindMoney:
			v.InputMode, v.Width, v.Suffix = "decimal", "10", f.Saying.Currency
		case servicespec.KindDate, servicespec.KindToday:
			v.Type, v.Width = "date", "10"
		case servicespec.KindMonth:
			v.Type, v.Width = "month", "10"
		}
		return v
	}
	first := ""
	if len(r.tree.values) > 0 {
		first = r.tree.values[0]
	}
	switch {
	case len(r.variable.Options) > 0:
		v := one(at+".value", f.say("condition.value"), first)
		for _, o := range r.variable.Options {
			label := o.Label.In(f.Saying.Lang, f.Saying.Fallback)
			if label == "" {
				label = o.Code
			}
			v.Options = append(v.Options, ui.Option{Value: o.Code, Label: label, Checked: slices.Contains(r.tree.values, o.Code)})
		}
		for _, code := range r.tree.values { // an option that is not offered any more stays until somebody chooses another
			if !slices.ContainsFunc(v.Options, func(o ui.Option) bool { return o.Value == code }) {
				v.Options = append(v.Options, ui.Option{Value: code, Label: code, Checked: true})
			}
		}
		return []ui.Field{v}
	case arity == 2:
		return []ui.Field{one(at+".value", f.say("condition.from"), first), one(at+".to", f.say("condition.to"), r.tree.to)}
	case arity < 0:
		v := []ui.Field{}
		for i, text := range append(slices.Clone(r.tree.values), "") {
			field := one(at+".value", f.say("condition.value"), text)
			field.ID = at + ".value." + string(rune('a'+min(i, 25)))
			v = append(v, field)
		}
		return v
	}
	return []ui.Field{one(at+".value", f.say("condition.value"), first)}
}

// many reports whether a row's value is chosen among options by ticking.
func many(r row) bool { return len(r.variable.Options) > 0 && servicespec.Arity(r.op) < 0 }

// button is a button of the condition. It is sent with the form around it.
func (f *Field) button(do, label, icon, hidden string) ui.ButtonView {
	return ui.ButtonView{Label: label, Icon: icon, Hidden: hidden, Variant: "tertiary", Small: true, Name: f.Name + ".do", Value: do}
}

func (f *Field) joins(t *tree) []ui.Option {
	family := "condition.join."
	if t.kind == kindRows {
		family = "condition.rows."
	}
	var out []ui.Option
	for _, join := range []string{servicespec.AllOf, servicespec.AnyOf, servicespec.NoneOf} {
		out = append(out, ui.Option{Value: join, Label: f.say(family + join), Checked: join == t.join})
	}
	return out
}

func (f *Field) inner(t *tree, names []servicespec.Variable) []servicespec.Variable {
	if x, _, _, ok := lookUp(names, t.what); ok && t.kind == kindRows {
		return append(slices.Clone(names), x.RowVariables(t.each)...)
	}
	return names
}

// deep reports whether a group lies so deep that it takes no further groups.
func deep(t *tree) bool { return strings.Count(t.path, ".") >= maxDepth-1 }

// result is what a trial made of a part.
func (f *Field) result(t *tree) *ui.TagView {
	if t.result == "" {
		return nil
	}
	kind := map[string]ui.Kind{"yes": ui.Success, "no": ui.Neutral, "undecided": ui.Warning}[t.result]
	return &ui.TagView{Text: f.say("condition.result." + t.result), Kind: kind}
}
