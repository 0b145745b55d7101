package condition

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"digit/internal/infra/servicespec"
	"digit/web/locale"
	"digit/web/ui"
)

// tryable reports whether the condition can be tried on answers: one over a row of a group cannot by itself.
func (f *Field) tryable() bool {
	return !strings.Contains(f.Path, ".fields.") && len(f.asked()) > 0
}

// Examples are example answers in a form: what conditions and fees are tried on. Names of their inputs begin with Prefix.
type Examples struct {
	Pack   *servicespec.Pack
	Saying locale.Saying
	Posted url.Values
	Prefix string
}

// Asked returns the questions of those codes that can be answered by an example: no rows, no files.
func (e Examples) Asked(codes []string) (out []servicespec.Variable) {
	names := servicespec.VariablesAt(e.Pack, "fees.0.when")
	for _, code := range codes {
		if x, ok := servicespec.FindVariable(names, code); ok && x.Kind != servicespec.KindGroup && x.Kind != servicespec.KindFile {
			out = append(out, x)
		}
	}
	return out
}

// Fields are the inputs for answers to questions.
func (e Examples) Fields(asked []servicespec.Variable) []ui.Field {
	var out []ui.Field
	say := e.Saying
	say.Names = asked
	words := func(key string) string { return say.Texts.T(say.Lang, key, nil) }
	for _, x := range asked {
		name := e.Prefix + x.Name
		v := ui.Field{Name: name, Label: say.Label(x.Name), Value: e.Posted.Get(name), Optional: true, Suffix: x.Unit}
		switch x.Kind {
		case servicespec.KindYesNo, servicespec.KindDeclaration:
			v.Options = []ui.Option{{Value: "true", Label: words("answer.yes")}, {Value: "false", Label: words("answer.no")}}
		case servicespec.KindDate:
			v.Type, v.Width = "date", "10"
		case servicespec.KindMonth:
			v.Type, v.Width = "month", "10"
		case servicespec.KindNumber:
			v.InputMode, v.Width = "decimal", "5"
		case servicespec.KindMoney:
			v.InputMode, v.Width, v.Suffix = "decimal", "10", say.Currency
		}
		for _, o := range x.Options {
			v.Options = append(v.Options, ui.Option{Value: o.Code, Label: o.Label.In(say.Lang, say.Fallback)})
		}
		for i := range v.Options {
			v.Options[i].Checked = v.Options[i].Value == v.Value
		}
		out = append(out, v)
	}
	return out
}

// Answers reads the example answers; what is empty or cannot be read counts as not answered.
func (e Examples) Answers(asked []servicespec.Variable) servicespec.Answers {
	out := servicespec.Answers{}
	for _, x := range asked {
		if v, given := e.answer(x); given {
			out[x.Name] = v
		}
	}
	return out
}

func (e Examples) answer(x servicespec.Variable) (any, bool) {
	text := strings.TrimSpace(e.Posted.Get(e.Prefix + x.Name))
	if text == "" {
		return nil, false
	}
	switch x.Kind {
	case servicespec.KindYesNo, servicespec.KindDeclaration:
		return text == "true", true
	case servicespec.KindChoices:
		return []string{text}, true
	}
	v, wrong := value(x, text, e.Saying.Currency)
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

func (f *Field) examples() Examples {
	return Examples{Pack: f.Pack, Saying: f.Saying, Posted: f.trial, Prefix: f.Name + ".try."}
}

// asked are the variables whose answers a trial takes: those that the condition hangs on, also by way of rules.
func (f *Field) asked() []servicespec.Variable {
	expr, _ := f.Expr()
	if expr == "" {
		return nil
	}
	tried := servicespec.TryConditions(f.Pack, []string{expr}, nil, servicespec.Facts{Today: f.Today})
	return f.examples().Asked(tried[0].Needs)
}

func (f *Field) trials() []ui.Field { return f.examples().Fields(f.asked()) }

// try works the condition, and each of its rows, out for the example answers.
func (f *Field) try() {
	expr, ok := f.Expr()
	if !ok || expr == "" {
		return
	}
	answers := f.examples().Answers(f.asked())
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
