package rule_test

import (
	"reflect"
	"testing"

	"digit/internal/infra/platform/rule"
)

func TestRewrite(t *testing.T) {
	t.Parallel()
	change := func(m rule.Mention) string {
		switch {
		case m.Said && m.Name == "state" && m.Text == "review":
			return "check"
		case m.Said && m.Name == "reasons" && m.Text == "late":
			return "overdue"
		case m.Said:
			return m.Text
		}
		switch m.Of + "/" + m.Name {
		case "/age":
			return "years"
		case "/age_label":
			return "years_label"
		case "/age.area":
			return "years.area"
		case "members/income", "/row.income":
			if m.Of == "" {
				return "row.wage"
			}
			return "wage"
		case "/rule.adult":
			return "rule.grown_up"
		}
		return m.Name
	}
	for expr, want := range map[string]string{
		"age > 17":                         "years > 17",
		"  age+age_label  ":                "  years+years_label  ",
		"age . area == 'x'":                "years . area == 'x'",
		`"age" == name || age == 3`:        `"age" == name || years == 3`,
		`"é" + age`:                        `"é" + years`,
		"members.any(age, age.income > 1)": "members.any(age, age.wage > 1)",
		"members.sum(m, m.income) > age && income > 1":                "members.sum(m, m.wage) > years && income > 1",
		"members.filter(m, m.age > 1).sum(x, x.income)":               "members.filter(m, m.age > 1).sum(x, x.wage)",
		"members[0].income == row.income":                             "members[0].wage == row.wage",
		"others.any(m, m.income > 2)":                                 "others.any(m, m.income > 2)",
		"rule.adult && !rule.adult && rule . adult":                   "rule.grown_up && !rule.grown_up && rule . grown_up",
		"lookup.adult.age == 2":                                       "lookup.adult.age == 2",
		`state == "review" || state in ['review', "x"]`:               `state == "check" || state in ['check', "x"]`,
		`"review" != state && other == "review"`:                      `"check" != state && other == "review"`,
		`"late" in reasons || reasons.exists(r, r == "late")`:         `"overdue" in reasons || reasons.exists(r, r == "overdue")`,
		"between(age, 1,\n  age)":                                     "between(years, 1,\n  years)",
		"answered(age) ? age : orElse(age, size([age, 2]))":           "answered(years) ? years : orElse(years, size([years, 2]))",
		"members.all(m, members.any(n, n.income == m.income && age))": "members.all(m, members.any(n, n.wage == m.wage && years))",
		"ref(\"age\", age).age":                                       "ref(\"age\", years).age",
	} {
		if got, err := rule.Rewrite(expr, change); err != nil || got != want {
			t.Errorf("%s became %q (%v), want %q", expr, got, err, want)
		}
	}
	if _, err := rule.Rewrite("age >", change); err == nil {
		t.Error("half an expression was rewritten")
	}
	if _, err := rule.Rewrite("age", func(rule.Mention) string { return "a.b" }); err == nil {
		t.Error("a name became two words")
	}
	if _, err := rule.Rewrite(`state == r"review"`, change); err == nil {
		t.Error("a raw text was replaced")
	}
}

func TestLoopNames(t *testing.T) {
	t.Parallel()
	got, err := rule.LoopNames("members.all(m, members.any(n, n.x == m.x)) && size(members) > 1 && min(a, b) == 2")
	if err != nil || !reflect.DeepEqual(got, []string{"m", "n"}) {
		t.Errorf("the names are %v (%v)", got, err)
	}
	if _, err := rule.LoopNames("members.all("); err == nil {
		t.Error("half an expression was read")
	}
}
