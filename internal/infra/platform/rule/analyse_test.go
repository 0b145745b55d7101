package rule_test

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"digit/internal/infra/platform/rule"
)

func known(name string) rule.Domain {
	bounded := func(lo, hi float64) rule.Domain { return rule.Domain{Range: &rule.Interval{Lo: lo, Hi: hi}} }
	switch name {
	case "rooms":
		return bounded(1, 10)
	case "area":
		return bounded(0, 500)
	case "members.income":
		return bounded(0, math.Inf(1))
	case "activity":
		return rule.Domain{Values: []string{"shop", "bar", "food"}}
	case "rule.poor":
		return rule.Domain{Values: []string{"true", "false"}}
	}
	return rule.Domain{}
}

func TestRange(t *testing.T) {
	t.Parallel()
	outer, _ := household(t)
	inf := math.Inf(1)
	for expr, want := range map[string]rule.Interval{
		`rooms * 100 - 100`:                                            {Lo: 0, Hi: 900},
		`100 - rooms * 20`:                                             {Lo: -100, Hi: 80},
		`rooms <= 3 ? 100 : 100 + (rooms - 3) * 10`:                    {Lo: 100, Hi: 170},
		`activity == "bar" ? 5 : rooms > 20 ? -1 : 7`:                  {Lo: 5, Hi: 7},
		`activity in ["shop", "bar", "food"] ? 1 : -1`:                 {Lo: 1, Hi: 1},
		`members.sum(m, m.income)`:                                     {Lo: 0, Hi: inf},
		`members.sum(m, m.income - 1)`:                                 {Lo: -inf, Hi: inf},
		`members.max(m, m.income) + size(members)`:                     {Lo: 0, Hi: inf},
		`percent(rooms * 100, 10, "up")`:                               {Lo: 10, Hi: 100},
		`roundTo(rooms, 10, "down")`:                                   {Lo: 0, Hi: 20},
		`round(area * 2.0, "half_up")`:                                 {Lo: 0, Hi: 1000},
		`min(rooms, 5) - max(rooms, 5)`:                                {Lo: -9, Hi: 0},
		`orElse(rooms, 0)`:                                             {Lo: 0, Hi: 10},
		`age(born, today)`:                                             {Lo: -inf, Hi: inf},
		`abs(-rooms) + 7 % rooms + 10 / rooms`:                         {Lo: 2, Hi: 29},
		`!(rooms > 4) && rooms >= 2 ? rooms : 3`:                       {Lo: 2, Hi: 4},
		`rooms == 4 || rooms == 6 ? rooms : 5`:                         {Lo: 4, Hi: 6},
		`math.greatest(rooms, 3)`:                                      {Lo: 3, Hi: 10},
		`ref("trades", activity).fee`:                                  {Lo: -inf, Hi: inf},
		`sum([rooms, 1])`:                                              {Lo: 0, Hi: inf},
		`-rooms`:                                                       {Lo: -10, Hi: -1},
		`int(area)`:                                                    {Lo: 0, Hi: 500},
		`activity != "bar" ? (activity == "bar" ? -9 : 1) : 2`:         {Lo: 1, Hi: 2},
		`!(activity in ["shop", "food"]) && activity != "bar" ? -9: 1`: {Lo: 1, Hi: 1},
	} {
		p, err := outer.Compile(expr, rule.Any)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if got := p.Range(known); got != want {
			t.Errorf("%s is within %v, want %v", expr, got, want)
		}
	}
}

func TestTruth(t *testing.T) {
	t.Parallel()
	outer, _ := household(t)
	for expr, want := range map[string]string{
		`rooms > 10`:                              "never",
		`rooms >= 1`:                              "always",
		`rooms > 3`:                               "maybe",
		`rooms > 3 && rooms < 3`:                  "never",
		`rooms > 3 && rooms < 4`:                  "never", // whole numbers
		`rooms < 3 || rooms > 2`:                  "always",
		`activity == "office"`:                    "never",
		`activity == "bar" && activity == "shop"`: "never",
		`(activity == "bar" || activity == "shop") && activity == "food"`: "never",
		`activity in ["bar"] && activity != "bar"`:                        "never",
		`activity in ["bar", "shop", "food", "x"]`:                        "always",
		`rule.poor && !rule.poor`:                                         "never",
		`rule.poor`:                                                       "maybe",
		`rule.poor == true ? false : false`:                               "never",
		`area > 500`:                                                      "never",
		`born < today`:                                                    "maybe",
		`5 < rooms && rooms == 5`:                                         "never",
		`1 > 2`:                                                           "never",
		`true || rooms == 1`:                                              "always",
		`!(rooms >= 1)`:                                                   "never",
		`members.any(m, m.age < 18)`:                                      "maybe",
	} {
		p, err := outer.Compile(expr, rule.Bool)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		canBeTrue, canBeFalse := p.Truth(known)
		got := map[[2]bool]string{{true, true}: "maybe", {true, false}: "always", {false, true}: "never"}[[2]bool{canBeTrue, canBeFalse}]
		if got != want {
			t.Errorf("%s is %s true (%v %v), want %s", expr, got, canBeTrue, canBeFalse, want)
		}
	}
	compile := func(expr string) *rule.Program {
		p, err := outer.Compile(expr, rule.Bool)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if rule.Together(known, compile(`activity == "bar"`), compile(`activity != "bar"`)) {
		t.Error("a page for bars asks something of others")
	}
	if !rule.Together(known, compile(`rooms > 3`), compile(`rooms < 9`), compile(`activity == "bar"`)) {
		t.Error("conditions that can hold together were said not to")
	}
}

// expression draws conditions and numbers over rooms (1 to 10), floors (-5 to 5) and activity.
func expression(t *rapid.T, depth int, condition bool) string {
	sub := func(c bool) string { return expression(t, depth-1, c) }
	pick := rapid.IntRange(0, 7).Draw(t, "pick")
	if condition {
		if depth == 0 || pick < 3 {
			return fmt.Sprintf(rapid.SampledFrom([]string{`rooms > %d`, `%d <= floors`, `floors == %d`, `rooms < %d`, `rooms != %d`, `%d >= rooms`}).Draw(t, "compare"), rapid.IntRange(-6, 11).Draw(t, "n"))
		}
		switch pick {
		case 3:
			return fmt.Sprintf(`activity == %q`, rapid.SampledFrom([]string{"shop", "bar", "no"}).Draw(t, "word"))
		case 4:
			return `activity in ["bar", "food"]`
		case 5:
			return "!(" + sub(true) + ")"
		case 6:
			return "(" + sub(true) + " && " + sub(true) + ")"
		}
		return "(" + sub(true) + " || " + sub(true) + ")"
	}
	if depth == 0 || pick < 2 {
		return rapid.SampledFrom([]string{"rooms", "floors", "3", "-2", "7"}).Draw(t, "leaf")
	}
	switch pick {
	case 2:
		return "(" + sub(true) + " ? " + sub(false) + " : " + sub(false) + ")"
	case 3:
		return "min(" + sub(false) + ", " + sub(false) + ")"
	case 4:
		return `percent(` + sub(false) + `, 15, "half_up")`
	case 5:
		return `roundTo(` + sub(false) + `, 5, "up")`
	}
	return "(" + sub(false) + rapid.SampledFrom([]string{" + ", " - ", " * "}).Draw(t, "operator") + sub(false) + ")"
}

// TestAnalysisIsSound checks what the analysis says against evaluations with answers of all sorts.
func TestAnalysisIsSound(t *testing.T) {
	t.Parallel()
	e, err := rule.NewEnv(map[string]rule.Type{"rooms": rule.Int, "floors": rule.Int, "activity": rule.String}, nil)
	if err != nil {
		t.Fatal(err)
	}
	domains := func(name string) rule.Domain {
		if name == "floors" {
			return rule.Domain{Range: &rule.Interval{Lo: -5, Hi: 5}}
		}
		return known(name)
	}
	rapid.Check(t, func(t *rapid.T) {
		number, err := e.Compile(expression(t, 3, false), rule.Int)
		if err != nil {
			t.Fatal(err)
		}
		condition, err := e.Compile(expression(t, 3, true), rule.Bool)
		if err != nil {
			t.Fatal(err)
		}
		bounds := number.Range(domains)
		canBeTrue, canBeFalse := condition.Truth(domains)
		for range 20 {
			vars := map[string]any{
				"rooms": rapid.IntRange(1, 10).Draw(t, "rooms"), "floors": rapid.IntRange(-5, 5).Draw(t, "floors"),
				"activity": rapid.SampledFrom([]string{"shop", "bar", "food"}).Draw(t, "activity"),
			}
			if n, err := number.Int(vars); err != nil || float64(n) < bounds.Lo || float64(n) > bounds.Hi {
				t.Fatalf("%s = %d (%v) is not within %v for %v", number, n, err, bounds, vars)
			}
			if yes, err := condition.Bool(vars); err != nil || yes && !canBeTrue || !yes && !canBeFalse {
				t.Fatalf("%s is %v (%v) for %v; it can be true %v, false %v", condition, yes, err, vars, canBeTrue, canBeFalse)
			}
		}
	})
}
