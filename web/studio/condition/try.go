package condition

import (
	"fmt"
	"slices"
	"strings"

	"digit/internal/infra/servicespec"
	"digit/web/ui"
)

// tryable reports whether the condition can be tried on answers: one over a row of a group cannot by itself.
func (f *Field) tryable() bool {
	return !strings.Contains(f.Path, ".fields.") && len(f.asked()) > 0
}

// asked are the variables whose answers a trial takes: those that the condition hangs on, also by way of rules.
func (f *Field) asked() []servicespec.Variable {
	expr, _ := f.Expr()
	if expr == "" {
		return nil
	}
	tried := servicespec.TryConditions(f.Pack, []string{expr}, nil, servicespec.Facts{Today: f.Today})
	var out []servicespec.Variable
	for _, code := range tried[0].Needs {
		if x, ok := servicespec.FindVariable(servicespec.VariablesAt(f.Pack, "fees.0.when"), code); ok && x.Kind != servicespec.KindGroup && x.Kind != servicespec.KindFile {
			out = append(out, x)
		}
	}
	return out
}

// trials are the fields in which example answers are given.
func (f *Field) trials() []ui.Field {
	var out []ui.Field
	say := f.Saying
	say.Names = servicespec.VariablesAt(f.Pack, "fees.0.when")
	for _, x := range f.asked() {
		name := f.Name + ".try." + x.Name
		v := ui.Field{Name: name, Label: say.Label(x.Name), Value: f.trial.Get(name), Optional: true, Suffix: x.Unit}
		switch x.Kind {
		case servicespec.KindYesNo, servicespec.KindDeclaration:
			v.Options = []ui.Option{{Value: "true", Label: f.say("answer.yes")}, {Value: "false", Label: f.say("answer.no")}}
		case servicespec.KindDate:
			v.Type, v.Width = "date", "10"
		case servicespec.KindMonth:
			v.Type, v.Width = "month", "10"
		case servicespec.KindNumber:
			v.InputMode, v.Width = "decimal", "5"
		case servicespec.KindMoney:
			v.InputMode, v.Width, v.Suffix = "decimal", "10", f.Saying.Currency
		}
		for _, o := range x.Options {
			v.Options = append(v.Options, ui.Option{Value: o.Code, Label: o.Label.In(f.Saying.Lang, f.Saying.Fallback)})
		}
		for i := range v.Options {
			v.Options[i].Checked = v.Options[i].Value == v.Value
		}
		out = append(out, v)
	}
	return out
}

// try works the condition, and each of its rows, out for the example answers.
func (f *Field) try() {
	expr, ok := f.Expr()
	if !ok || expr == "" {
		return
	}
	answers := servicespec.Answers{}
	for _, x := range f.asked() {
		if v, given := f.example(x); given {
			answers[x.Name] = v
		}
	}
	exprs := []string{expr}
	var parts []*tree
	var collect func(t *tree)
	collect = func(t *tree) {
		if c := t.clause(f.names, f.Saying.Currency); !c.Empty() {
			exprs, parts = append(exprs, c.CEL()), append(parts, t)
		}
		if t.kind == kindGroup {
			for _, x := range t.of {
				collect(x)
			}
		}
	}
	for _, t := range f.tree.of {
		collect(t)
	}
	f.results = servicespec.TryConditions(f.Pack, exprs, answers, servicespec.Facts{Today: f.Today, Currency: f.Saying.Currency})
	for i, t := range parts {
		t.result = came(f.results[i+1])
	}
	if problems := f.results[0].Problems; len(problems) > 0 {
		f.Refuse(problems[0])
	}
}

func came(t servicespec.Tried) string {
	switch t.Result {
	case true:
		return "yes"
	case false:
		return "no"
	}
	return "undecided"
}

// example reads an example answer.
func (f *Field) example(x servicespec.Variable) (any, bool) {
	text := strings.TrimSpace(f.trial.Get(f.Name + ".try." + x.Name))
	if text == "" {
		return nil, false
	}
	switch x.Kind {
	case servicespec.KindYesNo, servicespec.KindDeclaration:
		return text == "true", true
	case servicespec.KindChoices:
		return []string{text}, true
	}
	v, wrong := value(x, text, f.Saying.Currency)
	if wrong != "" {
		return nil, false
	}
	switch n := v.Value.(type) {
	case float64:
		return servicespec.Decimal(n), true
	case string, int64:
		return n, true
	}
	return fmt.Sprint(v.Value), true
}

// outcome is what the trial came to as a whole; nil before one.
func (f *Field) outcome() *ui.TagView {
	if len(f.results) == 0 || len(f.results[0].Problems) > 0 {
		return nil
	}
	t := tree{result: came(f.results[0])}
	return f.result(&t)
}

// fired names the rules that had a say in the trial.
func (f *Field) fired() []string {
	if len(f.results) == 0 {
		return nil
	}
	var out []string
	for _, r := range f.results[0].Rules {
		text := r.Text.In(f.Saying.Lang, f.Saying.Fallback)
		if text == "" {
			text = r.Name
		}
		key := "condition.result.undecided"
		switch r.Result {
		case true:
			key = "condition.result.yes"
		case false:
			key = "condition.result.no"
		}
		out = append(out, text+": "+f.say(key))
	}
	return slices.Compact(out)
}
