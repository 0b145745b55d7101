package rule_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/rule"
)

// office works from Monday to Friday and knows one code list.
type office struct{}

func (office) Ref(list, code string) map[string]any {
	if list == "trades" && code == "bar" {
		return map[string]any{"fee": int64(700), "risk": "high"}
	}
	return nil
}

func (o office) AddWorkingDays(d civil.Date, n int) civil.Date {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		if d = d.AddDays(step); o.IsWorkingDay(d) {
			n--
		}
	}
	return d
}

func (office) IsWorkingDay(d civil.Date) bool {
	w := d.In(time.UTC).Weekday()
	return w != time.Saturday && w != time.Sunday
}

func (o office) WorkingDays(from, to civil.Date) (n int) {
	for d := from; d.Before(to); n++ {
		d = o.AddWorkingDays(d, 1)
	}
	return n
}

// household is an Env with a repeating group, and an Env for the conditions inside it.
func household(t *testing.T) (outer, inner *rule.Env) {
	t.Helper()
	fields := rule.Fields{"age": rule.Int, "income": rule.Money, "share": rule.Decimal, "kind": rule.String, "kind_label": rule.String, "born": rule.Date}
	outer, err := rule.NewEnv(map[string]rule.Type{
		"members": rule.Rows, "area": rule.Decimal, "rooms": rule.Int, "activity": rule.String, "activity_label": rule.String,
		"rule.poor": rule.Bool, "fee": rule.Money, "born": rule.Date,
	}, map[string]rule.Fields{"members": fields})
	if err != nil {
		t.Fatal(err)
	}
	inner, err = outer.With(map[string]rule.Type{"row.age": rule.Int, "row.kind": rule.String, "member.age": rule.Int}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return outer, inner
}

func row(pairs ...any) rule.Row {
	return func(field string) any {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == field {
				return pairs[i+1]
			}
		}
		return nil
	}
}

func day(s string) civil.Date {
	d, err := civil.Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestWords(t *testing.T) {
	t.Parallel()
	outer, inner := household(t)
	vars := map[string]any{
		rule.WorldKey: office{}, "area": 12.5, "rooms": int64(3), "activity": "bar", "activity_label": "Café or bar", "rule.poor": true,
		"today": day("2026-11-20"), "born": "2008-02-29", "row.age": 12, "row.kind": "child", "member.age": 12, "fee": int64(1005),
		"members": []rule.Row{
			row("age", 40, "income", int64(900), "share", 0.1, "kind", "head"), row("age", 12, "income", int64(0), "share", 0.2, "kind", "child", "kind_label", "Child"),
		},
	}
	for expr, want := range map[string]any{
		`area * 2.0`:                     25.0,
		`area > 12 && area < 13`:         true,
		`round(area * 10.04, "half_up")`: int64(126), // 125.5, although 12.5*10.04 is a shade below in binary
		`round(0.1 * 3.0 * 10.0, "up")`:  int64(3),
		`round(2.5, "half_even")`:        int64(2),
		`round(-2.5, "half_up")`:         int64(-3),
		`round(2.1, "up")`:               int64(3),
		`round(2.9, "down")`:             int64(2),
		`roundTo(1149, 100, "half_up")`:  int64(1100),
		`roundTo(1101, 100, "up")`:       int64(1200),
		`percent(fee, 10, "half_even")`:  int64(100),
		`percent(fee, 10, "half_up")`:    int64(101),
		`percent(1000, 7.5, "down")`:     int64(75),
		`min(rooms, 2) + max(rooms, 7)`:  int64(9),
		`min(area, 12.0)`:                12.0,
		`max(born, date("2010-01-01"))`:  civil.Date{Year: 2010, Month: 1, Day: 1},
		`abs(-rooms)`:                    int64(3),
		`between(rooms, 1, 3) && !between(born, date("2009-01-01"), today)`: true,
		`members.sum(m, m.income)`:                                int64(900),
		`members.count(m, m.age < 18)`:                            int64(1),
		`members.any(m, m.kind == "child")`:                       true,
		`members.all(m, m.age > 12)`:                              false,
		`members.min(m, m.age)`:                                   int64(12),
		`members.max(m, m.share)`:                                 0.2,
		`members.unique(m, m.kind)`:                               true,
		`members.unique(m, m.income > 900 ? 1 : 2)`:               false,
		`round(members.sum(m, m.share) * 100.0, "up")`:            int64(30),
		`size(members)`:                                           int64(2),
		`members.filter(m, m.age > 18).sum(m, m.income)`:          int64(900),
		`members.exists(m, label(m.kind) == "Child")`:             true,
		`sum([1, 2, rooms])`:                                      int64(6),
		`label(activity)`:                                         "Café or bar",
		`ref("trades", activity).fee + 1 == 701`:                  true,
		`ref("trades", activity).risk == "high"`:                  true,
		`orElse(ref("trades", "shop").risk, "none")`:              "none",
		`rule.poor ? "a" : "b"`:                                   "a",
		`addWorkingDays(today, 1)`:                                civil.Date{Year: 2026, Month: 11, Day: 23},
		`addWorkingDays(date("2026-11-23"), -1)`:                  civil.Date{Year: 2026, Month: 11, Day: 20},
		`workingDays(today, date("2026-11-24"))`:                  int64(2),
		`isWorkingDay(today) && !isWorkingDay(addDays(today, 1))`: true,
		`firstOfMonth(born)`:                                      civil.Date{Year: 2008, Month: 2, Day: 1},
		`lastOfMonth(born)`:                                       civil.Date{Year: 2008, Month: 2, Day: 29},
		`addYears(born, 1)`:                                       civil.Date{Year: 2009, Month: 2, Day: 28},
		`addMonths(date("2026-01-31"), 1)`:                        civil.Date{Year: 2026, Month: 2, Day: 28},
		`addMonths(date("2026-01-31"), -11)`:                      civil.Date{Year: 2025, Month: 2, Day: 28},
		`months(date("2026-01-31"), date("2026-02-28"))`:          int64(1),
		`months(date("2026-03-15"), date("2026-01-16"))`:          int64(-1),
		`years(born, today)`:                                      int64(18),
		`year(born) + month(born) + dayOfMonth(born)`:             int64(2039),
		`weekday(today)`:                                          int64(5),
		`weekday(date("2026-11-22"))`:                             int64(7),
	} {
		p, err := outer.Compile(expr, rule.Any)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if got, known, err := p.Value(vars); err != nil || !known || !reflect.DeepEqual(got, want) {
			t.Errorf("%s = %v (%T), known %v, %v; want %v", expr, got, got, known, err, want)
		}
	}
	p, err := inner.Compile(`row.age < 18 && member.age == row.age && row.kind == "child" && rooms == 3`, rule.Bool)
	if err != nil {
		t.Fatal(err)
	}
	if yes, err := p.Bool(vars); !yes || err != nil {
		t.Errorf("inside a row: %v %v", yes, err)
	}
	whole, err := outer.Compile(`rooms * 2`, rule.Decimal)
	if err != nil {
		t.Fatal(err)
	}
	if v, _, _ := whole.Value(vars); v != 6.0 {
		t.Errorf("a whole number where decimals are wanted: %v (%T)", v, v)
	}
}

func TestWhatRowsDoNotAnswerIsUndecided(t *testing.T) {
	t.Parallel()
	outer, _ := household(t)
	vars := map[string]any{"members": []rule.Row{row("age", 40), row("kind", "child")}}
	for expr, want := range map[string]any{
		`members.any(m, m.age > 30)`:                  true,  // one is enough
		`members.all(m, m.age < 30)`:                  false, // one is enough
		`members.all(m, m.age > 30)`:                  nil,
		`members.sum(m, m.age)`:                       nil,
		`members.sum(m, orElse(m.age, 0))`:            int64(40),
		`members.count(m, answered(m.kind))`:          int64(1),
		`members.min(m, m.income)`:                    nil,
		`members.filter(m, false).min(m, m.age)`:      nil,
		`ref("trades", "bar").fee == 1`:               nil, // nobody is there to be asked
		`addWorkingDays(today, 1) == today`:           nil,
		`label(activity) == "x"`:                      nil,
		`rule.poor`:                                   nil,
		`answered(rule.poor)`:                         false,
		`orElse(members.sum(m, m.income), 3)`:         int64(3),
		`members.any(m, m.kind == "x") || area > 1.0`: nil,
	} {
		p, err := outer.Compile(expr, rule.Any)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if got, known, err := p.Value(vars); err != nil || known != (want != nil) || !reflect.DeepEqual(got, want) {
			t.Errorf("%s = %v (%T), known %v, %v; want %v", expr, got, got, known, err, want)
		}
	}
}

func TestErrorsHaveKinds(t *testing.T) {
	t.Parallel()
	outer, _ := household(t)
	for expr, want := range map[string]struct {
		kind rule.Kind
		args string
	}{
		`roms > 1`:                          {rule.UnknownName, "roms"},
		`members.any(m, m.agee > 1)`:        {rule.UnknownName, "agee"},
		`summe(members)`:                    {rule.UnknownName, "summe"},
		`rooms == "three"`:                  {rule.WrongTypes, "== int, string"},
		`area * rooms > 1.0`:                {rule.WrongTypes, "* decimal, int"},
		`born > 3`:                          {rule.WrongTypes, "> date, int"},
		`rooms >`:                           {rule.Syntax, ""},
		`rooms`:                             {rule.WrongResult, "int bool"},
		`members`:                           {rule.WrongResult, "rows bool"},
		`activity.matches("(")`:             {rule.Pattern, ""},
		strings.Repeat("!", 4001) + "true":  {rule.TooLong, "4000"},
		`addWorkingDays(rooms, 1) == today`: {rule.WrongTypes, "addWorkingDays int, int"},
		`label(1)`:                          {rule.Unreadable, ""},
	} {
		_, err := outer.Compile(expr, rule.Bool)
		var e *rule.Error
		if !errors.As(err, &e) {
			t.Errorf("%.40q: %v", expr, err)
			continue
		}
		if e.Kind != want.kind {
			t.Errorf("%.40q: %s %v (%s), want %s", expr, e.Kind, e.Args, e.Message, want.kind)
		}
		var said []string
		for _, name := range []string{"name", "word", "types", "got", "want", "max"} {
			if v, ok := e.Args[name]; ok {
				said = append(said, strings.TrimSpace(reflect.ValueOf(v).String()))
				if n, ok := v.(int); ok {
					said[len(said)-1] = map[int]string{4000: "4000"}[n]
				}
			}
		}
		if got := strings.Join(said, " "); want.args != "" && got != want.args {
			t.Errorf("%.40q: args %q, want %q (%s)", expr, got, want.args, e.Message)
		}
	}
}

func TestMentioned(t *testing.T) {
	t.Parallel()
	outer, _ := household(t)
	p, err := outer.Compile(`members.any(m, m.age > rooms && label(m.kind) == "x") && ref("trades", activity).fee == 1 && rule.poor`, rule.Bool)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.Names(), []string{"@world", "activity", "members", "rooms", "rule.poor"}; !slices.Equal(slices.DeleteFunc(slices.Clone(got), func(s string) bool { return s == "@world" }), want[1:]) {
		t.Errorf("names %v", got)
	}
	if got := p.Fields(); !slices.Equal(got, []string{"members.age", "members.kind_label"}) {
		t.Errorf("fields %v", got)
	}
	if got := p.Lists(); !slices.Equal(got, []string{"trades"}) {
		t.Errorf("lists %v", got)
	}
	if outer.Type("area") != rule.Decimal || !slices.Contains(outer.Names(), "members") || len(rule.Words()) < 20 {
		t.Error("the environment does not tell what it has")
	}
	if _, err := rule.NewEnv(map[string]rule.Type{"x": rule.Rows}, nil); err == nil {
		t.Error("rows of nothing were declared")
	}
	if _, err := rule.NewEnv(map[string]rule.Type{"x.Y": rule.Int}, nil); err == nil {
		t.Error("a qualified name with capitals was declared")
	}
}

func TestManyRowsAreCheap(t *testing.T) {
	t.Parallel()
	outer, _ := household(t)
	var rows []rule.Row
	for i := range 200 {
		rows = append(rows, row("age", i, "income", int64(1), "kind", "x"))
	}
	for _, expr := range []string{
		`members.sum(m, m.income) == 200 && members.count(m, m.age >= 18 && m.kind == "x") == 182 && members.unique(m, m.age)`,
		`members.filter(m, m.age > 1).sum(m, m.income * 2 + m.age) > 0`,
	} {
		p, err := outer.Compile(expr, rule.Bool)
		if err != nil {
			t.Fatal(err)
		}
		if yes, err := p.Bool(map[string]any{"members": rows}); !yes || err != nil {
			t.Errorf("%s: %v %v", expr, yes, err)
		}
	}
}

func BenchmarkBool(b *testing.B) {
	e, err := rule.NewEnv(vars, nil)
	if err != nil {
		b.Fatal(err)
	}
	p, err := e.Compile(`own && age(birth, today) < 18 || rooms > 3`, rule.Bool)
	if err != nil {
		b.Fatal(err)
	}
	answers := map[string]any{"own": true, "birth": "2008-11-23", "rooms": int64(2), "today": day("2026-11-22")}
	for b.Loop() {
		if _, err := p.Bool(answers); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompileRule(b *testing.B) {
	e, err := rule.NewEnv(vars, nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := e.Compile(`own && age(birth, today) < 18 || rooms > 3`, rule.Bool); err != nil {
			b.Fatal(err)
		}
	}
}
