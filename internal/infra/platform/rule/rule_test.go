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

var vars = map[string]rule.Type{
	"name": rule.String, "rooms": rule.Int, "area": rule.Int, "fee": rule.Money, "own": rule.Bool, "birth": rule.Date,
	"uses": rule.Strings, "extra": rule.Map,
}

func env(t *testing.T) *rule.Env {
	t.Helper()
	e, err := rule.NewEnv(vars, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestValue(t *testing.T) {
	t.Parallel()
	e := env(t)
	answers := map[string]any{
		"name": "Ana", "rooms": int64(3), "fee": 25000, "own": true, "birth": "2008-11-23",
		"uses": []string{"food", "alcohol"}, "extra": map[string]any{"agency": "cmp"}, "today": civil.Date{Year: 2026, Month: 11, Day: 22},
	}
	for expr, want := range map[string]any{
		`age(birth, today)`:                            int64(17),
		`age(birth, today) < 18 && own`:                true,
		`days(birth, addDays(birth, 40))`:              int64(40),
		`days(date("1500-01-01"), date("2500-01-01"))`: int64(365243),
		`birth < date("2010-01-01")`:                   true,
		`addDays(birth, 1)`:                            civil.Date{Year: 2008, Month: time.November, Day: 24},
		`today.getFullYear()`:                          int64(2026),
		`fee + rooms * 100`:                            int64(25300),
		`rooms <= 2 ? 100 : rooms <= 5 ? 200 : 300`:    int64(200),
		`"alcohol" in uses && size(uses) == 2`:         true,
		`uses.exists(u, u == "food")`:                  true,
		`uses`:                                         []string{"food", "alcohol"},
		`uses.filter(u, u != "food")`:                  []string{"alcohol"},
		`name.contains("n") && name.matches("^A")`:     true,
		`name + " " + name.lowerAscii()`:               "Ana ana",
		`math.greatest(rooms, 5)`:                      int64(5),
		`extra.agency == "cmp"`:                        true,
		`answered(area)`:                               false,
		`answered(rooms)`:                              true,
		`orElse(area, 7) + rooms`:                      int64(10),
		`orElse(rooms, 7)`:                             int64(3),
		`own || area > 5`:                              true,
		`area > 5 || own`:                              true,
		`area > 5 && !own`:                             false,
	} {
		p, err := e.Compile(expr, rule.Any)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		got, known, err := p.Value(answers)
		if err != nil || !known || !reflect.DeepEqual(got, want) {
			t.Errorf("%s = %v (%T), known %v, %v; want %v", expr, got, got, known, err, want)
		}
	}
}

func TestUnansweredIsUndecidedAndNoError(t *testing.T) {
	t.Parallel()
	e := env(t)
	for _, expr := range []string{
		`age(birth, today) < 18`, `!(age(birth, today) < 18)`, `name == "x"`, `name != "x"`, `size(uses) == 0`, `own`, `!own`,
		`own ? true : false`, `"a" in uses`, `uses.exists(u, u == "a")`, `name.matches("a")`, `own && rooms == 1`, `100 / rooms > 1`,
		`extra.agency == "x"`,
	} {
		p, err := e.Compile(expr, rule.Bool)
		if err != nil {
			t.Fatalf("%s: %v", expr, err)
		}
		for _, vars := range []map[string]any{nil, {"name": nil, "birth": "no date", "own": "yes"}} {
			if got, err := p.Bool(vars); got || err != nil {
				t.Errorf("%s = %v, %v", expr, got, err)
			}
			if v, known, err := p.Value(vars); v != nil || known || err != nil {
				t.Errorf("%s = %v, known %v, %v", expr, v, known, err)
			}
		}
	}
	number, _ := e.Compile(`rooms * 2`, rule.Money)
	text, _ := e.Compile(`name + "!"`, rule.String)
	if n, err := number.Int(nil); n != 0 || err != nil {
		t.Errorf("Int: %v %v", n, err)
	}
	if s, err := text.Str(nil); s != "" || err != nil {
		t.Errorf("Str: %v %v", s, err)
	}
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	e := env(t)
	for expr, want := range map[string]rule.Type{
		"": rule.Bool, "rooms": rule.Bool, "rooms >": rule.Bool, "unknown == 1": rule.Bool, `name.matches("(")`: rule.Bool,
		`date(5)`: rule.Date, `name + rooms`: rule.String, `{"a": 1}`: rule.Any, `[1, 2]`: rule.Any, `own`: rule.Money,
		`orElse(rooms, "x")`: rule.Int, strings.Repeat("(", 100) + "true" + strings.Repeat(")", 100): rule.Bool,
		`"` + strings.Repeat("x", 5000) + `" == name`:          rule.Bool,
		`[1].all(a, [1].all(b, [1].all(c, a == b && b == c)))`: rule.Bool,
	} {
		_, err := e.Compile(expr, want)
		var re *rule.Error
		if !errors.As(err, &re) {
			t.Errorf("%.40q as %s: got %v", expr, want, err)
		}
	}
	_, err := e.Compile("own &&\n  roms == 3", rule.Bool)
	var re *rule.Error
	if !errors.As(err, &re) || re.Line != 2 || re.Column != 3 || !strings.Contains(re.Message, "roms") {
		t.Errorf("place of the fault: %+v", re)
	}
}

func TestFailuresAreErrors(t *testing.T) {
	t.Parallel()
	e := env(t)
	for _, expr := range []string{`100 / rooms`, `9223372036854775807 + fee`, `addDays(date("2020-01-01"), 900000000) == today ? 1 : 2`} {
		p, err := e.Compile(expr, rule.Int)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := p.Int(map[string]any{"rooms": 0, "fee": 1, "today": "2026-01-01"}); err == nil {
			t.Errorf("%s = %v", expr, v)
		}
	}
}

func TestCostIsLimited(t *testing.T) {
	t.Parallel()
	p, err := env(t).Compile(`uses.all(u, name.contains(u))`, rule.Bool)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Bool(map[string]any{"uses": slices.Repeat([]string{"a"}, 50_000), "name": "a"}); err == nil {
		t.Error("an expensive rule ran to its end")
	}
}

func TestNamesAndIdentifiers(t *testing.T) {
	t.Parallel()
	p, err := env(t).Compile(`uses.exists(u, u == name) && age(birth, today) > 3`, rule.Bool)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"birth", "name", "today", "uses"}; !slices.Equal(p.Names(), want) {
		t.Errorf("names %v", p.Names())
	}
	for _, s := range []string{"", "A", "1a", "in", "today", "a-b", "string", "á", strings.Repeat("a", 61)} {
		if _, err := rule.NewEnv(map[string]rule.Type{s: rule.Int}, nil); err == nil {
			t.Errorf("%q named a variable", s)
		}
	}
	if _, err := rule.NewEnv(map[string]rule.Type{"a": "float"}, nil); err == nil {
		t.Error("a type of no name was taken")
	}
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{`a`, `rooms > 2`, `uses.exists(u, u == "x")`, `date("2020-13-01") < birth`, `orElse(area, 1) / 0`} {
		f.Add(s)
	}
	e, err := rule.NewEnv(vars, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(_ *testing.T, expr string) {
		if p, err := e.Compile(expr, rule.Any); err == nil {
			_, _, _ = p.Value(map[string]any{"rooms": 2, "uses": []string{"x"}})
			_, _, _ = p.Value(nil)
		}
	})
}
