package servicespec_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/rule"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
)

type clause = servicespec.Clause

func test(name, op string, values ...any) clause {
	c := clause{Kind: servicespec.ClauseTest, Name: name, Op: op}
	for _, v := range values {
		c.Values = append(c.Values, servicespec.Operand{Value: v})
	}
	return c
}

func TestReadClause(t *testing.T) {
	t.Parallel()
	all := func(of ...clause) clause { return clause{Join: servicespec.AllOf, Of: of} }
	anyOf := func(of ...clause) clause { return clause{Join: servicespec.AnyOf, Of: of} }
	none := func(of ...clause) clause { return clause{Join: servicespec.NoneOf, Of: of} }
	measured := func(c clause, measure string) clause { c.Measure = measure; return c }
	rows := func(join, name, each string, of clause) clause {
		return clause{Kind: servicespec.ClauseRows, Join: join, Name: name, Each: each, Of: []clause{of}}
	}
	other := test("opened", servicespec.OpLess)
	other.Values = []servicespec.Operand{{Name: "closed"}}
	shares := test("partners", servicespec.OpAtMost, int64(100))
	shares.Measure, shares.Each, shares.Field = servicespec.MeasureSum, "p", "share"
	for expr, want := range map[string]clause{
		``:                                     {},
		`for_whom == "other"`:                  test("for_whom", servicespec.OpIs, "other"),
		`"other" != for_whom`:                  test("for_whom", servicespec.OpIsNot, "other"),
		`5 < cars`:                             test("cars", servicespec.OpMore, int64(5)),
		`danger`:                               test("danger", servicespec.OpYes),
		`danger == false`:                      test("danger", servicespec.OpNo),
		`!rule.free_copy`:                      test("rule.free_copy", servicespec.OpNo),
		`problem in ["damaged", "wires"]`:      test("problem", servicespec.OpIn, "damaged", "wires"),
		`!(problem in ["damaged"])`:            test("problem", servicespec.OpNotIn, "damaged"),
		`"gas" in supplies`:                    test("supplies", servicespec.OpHas, "gas"),
		`born >= date("2000-02-29")`:           test("born", servicespec.OpAtLeast, civil.Date{Year: 2000, Month: 2, Day: 29}),
		`!(age(born, today) < 18)`:             measured(test("born", servicespec.OpAtLeast, int64(18)), servicespec.MeasureAge),
		`days(today, due) <= 30`:               measured(test("due", servicespec.OpAtMost, int64(30)), servicespec.MeasureUntil),
		`days(paid, today) > 30`:               measured(test("paid", servicespec.OpMore, int64(30)), servicespec.MeasureSince),
		`size(members) >= 2`:                   measured(test("members", servicespec.OpAtLeast, int64(2)), servicespec.MeasureSize),
		`partners.sum(p, p.share) <= 100`:      shares,
		`between(area, 10.0, 20.5)`:            test("area", servicespec.OpBetween, 10.0, 20.5),
		`opened < closed`:                      other,
		`street.contains("a\"b")`:              test("street", servicespec.OpContains, `a"b`),
		`!answered(nif)`:                       test("nif", servicespec.OpUnanswered),
		`today >= date("2027-01-01")`:          test("today", servicespec.OpAtLeast, civil.Date{Year: 2027, Month: 1, Day: 1}),
		`a && (b && c) && (d || !e)`:           all(test("a", "yes"), test("b", "yes"), test("c", "yes"), anyOf(test("d", "yes"), test("e", "no"))),
		`!(a || b)`:                            none(test("a", "yes"), test("b", "yes")),
		`!!(a || b)`:                           anyOf(test("a", "yes"), test("b", "yes")),
		`!(a && b)`:                            none(all(test("a", "yes"), test("b", "yes"))),
		`members.any(m, m.age < 18)`:           rows("any", "members", "m", test("m.age", servicespec.OpLess, int64(18))),
		`!members.exists(m, m.age < 18)`:       rows("none", "members", "m", test("m.age", servicespec.OpLess, int64(18))),
		`members.all(m, m.works || m.age < 6)`: rows("all", "members", "m", anyOf(test("m.works", "yes"), test("m.age", servicespec.OpLess, int64(6)))),
		`a && rooms * 2 > 5`:                   all(test("a", "yes"), clause{Kind: servicespec.ClauseRaw, Raw: "rooms * 2 > 5"}),
		`rooms  *  2 > 5`:                      {Kind: servicespec.ClauseRaw, Raw: "rooms  *  2 > 5"},
		`a &&`:                                 {Kind: servicespec.ClauseRaw, Raw: "a &&"},
		`date("2000-02-30") < born`:            {Kind: servicespec.ClauseRaw, Raw: `date("2000-02-30") < born`},
	} {
		if got := servicespec.ReadClause(expr); !reflect.DeepEqual(got, want) {
			t.Errorf("%s reads as\n%+v, want\n%+v", expr, got, want)
		}
	}
}

// TestClausesOfTheLibrary reads every condition of the library and writes it again: it still compiles and reads the same.
func TestClausesOfTheLibrary(t *testing.T) {
	t.Parallel()
	seen, raw := 0, 0
	for _, p := range library.Packs() {
		for _, expr := range conditionsOf(p) {
			c := servicespec.ReadClause(expr)
			seen++
			if c.Kind == servicespec.ClauseRaw {
				raw++
			}
			if again := servicespec.ReadClause(c.CEL()); !reflect.DeepEqual(again, c) {
				t.Errorf("%s: %s reads as %+v, and written again as %+v", p.Code, expr, c, again)
			}
		}
	}
	if seen < 30 || raw*5 > seen {
		t.Errorf("%d of %d conditions of the library are of no shape that can be shown", raw, seen)
	}
}

// conditionsOf returns the conditions of a pack that are more than a constant.
func conditionsOf(p *servicespec.Pack) []string {
	var out []string
	for _, r := range p.Rules {
		out = append(out, r.When)
	}
	for _, pg := range p.Form.Pages {
		out = append(out, pg.When)
		for _, q := range pg.Questions {
			out = append(out, q.When, q.Valid, q.Required)
		}
	}
	for _, d := range p.Documents {
		out = append(out, d.When)
	}
	for _, f := range p.Fees {
		out = append(out, f.When)
	}
	for _, a := range p.Workflow.Actions {
		out = append(out, a.Guard)
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" || s == "true" || s == "false" })
}

// drawClause draws a clause as a person might put it together, with empty and lonely groups.
func drawClause(t *rapid.T, depth int) clause {
	kind := rapid.IntRange(0, 9).Draw(t, "kind")
	switch {
	case depth > 0 && kind < 4:
		g := clause{Join: rapid.SampledFrom([]string{"all", "any", "none"}).Draw(t, "join")}
		for range rapid.IntRange(0, 3).Draw(t, "n") {
			g.Of = append(g.Of, drawClause(t, depth-1))
		}
		return g
	case depth > 0 && kind == 4:
		return clause{
			Kind: servicespec.ClauseRows, Join: rapid.SampledFrom([]string{"all", "any", "none"}).Draw(t, "join"), Name: "members", Each: "m",
			Of: []clause{drawTest(t)},
		}
	case kind == 5:
		return clause{Kind: servicespec.ClauseRaw, Raw: rapid.SampledFrom([]string{"rooms * 2 > 5", "rooms + 1 != cars", "(cars > 1) ? poor : rich"}).Draw(t, "raw")}
	}
	return drawTest(t)
}

func drawTest(t *rapid.T) clause {
	c := clause{Kind: servicespec.ClauseTest, Name: rapid.SampledFrom([]string{"rooms", "row.age", "born", "m.name", "rule.poor", "branch.fire"}).Draw(t, "name")}
	x := servicespec.Variable{Kind: rapid.SampledFrom(servicespec.Kinds()).Draw(t, "of")}
	c.Measure = rapid.SampledFrom(x.Measures()).Draw(t, "measure")
	ops := append(x.Ops(c.Measure), servicespec.OpNotBetween, servicespec.OpStartsNot)
	c.Op = rapid.SampledFrom(ops).Draw(t, "op")
	if c.Measure != "" && slices.Contains([]string{"has", "contains", "starts", "starts_not", "yes"}, c.Op) {
		c.Op = "is"
	}
	n := servicespec.Arity(c.Op)
	if n < 0 {
		n = rapid.IntRange(1, 3).Draw(t, "many")
	}
	for range n {
		c.Values = append(c.Values, drawOperand(t))
	}
	return c
}

func drawOperand(t *rapid.T) servicespec.Operand {
	switch rapid.IntRange(0, 4).Draw(t, "operand") {
	case 0:
		return servicespec.Operand{Value: rapid.Int64().Draw(t, "int")}
	case 1:
		return servicespec.Operand{Value: float64(rapid.IntRange(-1_000_000, 1_000_000).Draw(t, "thousandths")) / 1000}
	case 2:
		return servicespec.Operand{Value: civil.Date{Year: rapid.IntRange(1, 9999).Draw(t, "year"), Month: 2, Day: rapid.IntRange(1, 28).Draw(t, "day")}}
	case 3:
		return servicespec.Operand{Name: rapid.SampledFrom([]string{"cars", "row.sum", "today"}).Draw(t, "other")}
	}
	return servicespec.Operand{Value: rapid.String().Draw(t, "text")}
}

// TestClauseRoundTrip: what is put together, written and read is the same again, but for what was said twice over.
func TestClauseRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawClause(t, 3)
		normal := c.Normal()
		if again := normal.Normal(); !reflect.DeepEqual(again, normal) {
			t.Fatalf("normal twice: %+v, then %+v", normal, again)
		}
		text := c.CEL()
		if len(text) > 3900 {
			return
		}
		read := servicespec.ReadClause(text)
		if read.CEL() != normal.CEL() || normal.Kind != servicespec.ClauseRaw && !reflect.DeepEqual(read, normal) {
			t.Fatalf("%+v\nis written %s\nand read   %+v\nwritten %s", normal, text, read, read.CEL())
		}
	})
}

// TestClauseMeansTheSame compares what a condition and its clause come to, for answers of all sorts and for none.
func TestClauseMeansTheSame(t *testing.T) {
	t.Parallel()
	env, err := rule.NewEnv(map[string]rule.Type{"a": rule.Bool, "b": rule.Bool, "n": rule.Int, "c": rule.String, "many": rule.Strings}, nil)
	if err != nil {
		t.Fatal(err)
	}
	exprs := []string{
		`!(a && !b)`, `!(n < 3 || !(c in ["x", "y"]))`, `!(!a && !(b || n == 2))`, `!(a || (b && !(n >= 2)))`, `3 > n && !!a`, `!("x" in many) || a == false`,
		`!(n + 1 > 3) && (a ? b : !b)`, `!between(n, 1, 2)`, `!(!answered(n) || c != "x")`,
	}
	rapid.Check(t, func(t *rapid.T) {
		expr := rapid.SampledFrom(exprs).Draw(t, "expr")
		written := servicespec.ReadClause(expr).CEL()
		vars := map[string]any{}
		for name, v := range map[string]any{
			"a": rapid.Bool().Draw(t, "a"), "b": rapid.Bool().Draw(t, "b"), "n": rapid.IntRange(0, 4).Draw(t, "n"),
			"c": rapid.SampledFrom([]string{"x", "z"}).Draw(t, "c"), "many": rapid.SampledFrom([][]string{{"x"}, {}}).Draw(t, "many"),
		} {
			if rapid.IntRange(0, 3).Draw(t, "given "+name) > 0 {
				vars[name] = v
			}
		}
		value := func(expr string) any {
			p, err := env.Compile(expr, rule.Bool)
			if err != nil {
				t.Fatalf("%s: %v", expr, err)
			}
			v, known, err := p.Value(vars)
			return []any{v, known, err == nil}
		}
		if before, after := value(expr), value(written); !reflect.DeepEqual(before, after) {
			t.Fatalf("%s is %v, and written as %s %v, for %v", expr, before, written, after, vars)
		}
	})
}

func TestVariablesAt(t *testing.T) {
	t.Parallel()
	var pack *servicespec.Pack
	for _, p := range library.Packs() {
		if p.Code == "trade-licence" {
			pack = p
		}
	}
	names := func(path string) string {
		var out []string
		for _, n := range servicespec.VariablesAt(pack, path) {
			out = append(out, n.Name)
		}
		return strings.Join(out, " ")
	}
	for path, want := range map[string][]string{
		"form.pages.0.questions.0.when":   {"today", "rule.company"},
		"workflow.actions.0.guard":        {"state", "activity", "partners", "rule.food_safety", "today", "submitted_on"},
		"fees.0.when":                     {"activity", "partners"},
		"form.pages.0.questions.1.when":   {pack.Form.Pages[0].Questions[0].Code},
		"form.pages.0.questions.0.valid":  {pack.Form.Pages[0].Questions[0].Code},
		"form.pages.1.when":               {pack.Form.Pages[0].Questions[0].Code},
		"eligibility.rules.0.when":        {pack.Eligibility.Questions[0].Code},
		"certificates.0.claims.0.from":    {"decided_on"},
		"rules.0.when":                    {"activity"},
		"documents.0.when":                {"activity"},
		"form.pages.99.questions.99.when": {"activity"},
	} {
		got := " " + names(path) + " "
		for _, name := range want {
			if !strings.Contains(got, " "+name+" ") {
				t.Errorf("at %s there is no %s, only%s", path, name, got)
			}
		}
	}
	for path, not := range map[string]string{
		"form.pages.0.questions.0.when": pack.Form.Pages[0].Questions[0].Code,
		"form.pages.0.when":             pack.Form.Pages[0].Questions[0].Code,
		"fees.0.when":                   "state",
		"rules.0.when":                  "rule." + pack.Rules[0].Name,
	} {
		if got := names(path); strings.Contains(" "+got+" ", " "+not+" ") {
			t.Errorf("at %s there is %s", path, not)
		}
	}
	for i, pg := range pack.Form.Pages {
		for j, q := range pg.Questions {
			if q.Kind != servicespec.KindGroup {
				continue
			}
			got := " " + names(pathOf(i, j, len(q.Fields)-1)) + " "
			if first := "row." + q.Fields[0].Code; !strings.Contains(got, " "+first+" ") {
				t.Errorf("a question of %s does not see %s: %s", q.Code, first, got)
			}
		}
	}
}

func pathOf(page, question, field int) string {
	n := func(i int) string { return string(rune('0' + i)) }
	return "form.pages." + n(page) + ".questions." + n(question) + ".fields." + n(field) + ".when"
}

func TestTryConditions(t *testing.T) {
	t.Parallel()
	pack := &servicespec.Pack{
		Languages: []string{"en"},
		Rules:     []servicespec.Rule{{Name: "poor", When: "income < 1000"}},
		Form: servicespec.Form{Pages: []servicespec.Page{{Code: "p", Questions: []servicespec.Question{
			{Code: "income", Kind: servicespec.KindMoney},
			{Code: "whom", Kind: servicespec.KindChoice, When: "income > 5", Options: []servicespec.Option{{Code: "me"}, {Code: "other"}}},
			{Code: "born", Kind: servicespec.KindDate},
			{Code: "broken", Kind: "no such kind", When: "nothing +"},
		}}}},
	}
	today := servicespec.Facts{Today: civil.Date{Year: 2026, Month: 11, Day: 26}}
	tried := servicespec.TryConditions(pack, []string{`rule.poor && whom == "other"`, `rule.poor`, `whom == "other"`, `age(born, today) > 3`, `wohm == "other"`, `whom ==`},
		servicespec.Answers{"income": int64(500), "whom": "me"}, today)
	for i, want := range []any{false, true, false, nil, nil, nil} {
		if tried[i].Result != want {
			t.Errorf("%d is %v, want %v", i, tried[i].Result, want)
		}
	}
	if got := tried[0].Needs; !slices.Equal(got, []string{"income", "whom"}) {
		t.Errorf("it hangs on %v", got)
	}
	if len(tried[0].Rules) != 1 || tried[0].Rules[0].Name != "poor" {
		t.Errorf("the rule that fired is not named: %+v", tried[0].Rules)
	}
	if len(tried[3].Problems) != 0 || len(tried[4].Problems) != 1 || tried[4].Problems[0].Code != "rule_unknown_name_near" || len(tried[5].Problems) != 1 {
		t.Errorf("problems: %v, %v, %v", tried[3].Problems, tried[4].Problems, tried[5].Problems)
	}
}
