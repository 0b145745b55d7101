package servicespec_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"digit/internal/infra/servicespec"
)

// tabled is a small pack with one table over a choice, a number and a yes or no.
func tabled(t interface {
	Helper()
	Fatal(args ...any)
}, inputs, rows, otherwise string,
) *servicespec.Pack {
	t.Helper()
	source := `
code: tabled
version: 1
agency: a
languages: [en]
number: "T-{seq:6}"
name: {en: T}
summary: {en: T}
roles: [{code: clerk, name: {en: Clerk}}]
tables:
  - name: rate
    inputs: [` + inputs + `]
    rows:
` + rows + otherwise + `
form:
  pages:
    - code: one
      title: {en: One}
      questions:
        - {code: use, kind: choice, label: {en: Use}, options: [{code: shop, label: {en: Shop}}, {code: office, label: {en: Office}}, {code: home, label: {en: Home}}]}
        - {code: area, kind: number, min: 1, max: 100, label: {en: Area}}
        - {code: height, kind: number, places: 1, label: {en: Height}}
        - {code: since, kind: date, label: {en: Since}}
        - {code: new, kind: yesno, label: {en: New}}
        - {code: said, kind: text, label: {en: Said}}
        - {code: extras, kind: choices, label: {en: Extras}, options: [{code: sign, label: {en: Sign}}, {code: terrace, label: {en: Terrace}}]}
        - {code: rated, kind: computed, as: number, value: table.rate, label: {en: Rate}}
workflow:
  start: work
  states:
    - {code: work, role: clerk, name: {en: Work}}
    - {code: done, kind: end, outcome: approved, name: {en: Done}}
  actions:
    - {code: finish, from: work, to: done, kind: approve, name: {en: Finish}}
`
	p, problems := servicespec.Parse([]byte(source))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if problems := servicespec.Errors(servicespec.Check(p)); len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

func TestTableFindings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		inputs, rows, otherwise string
		want                    servicespec.TableFindings
	}{
		"whole": {"use", `      - {if: [shop], then: "1"}
      - {if: ["not shop"], then: "2"}
`, "", servicespec.TableFindings{Whole: true}},
		"a choice is missing": {"use", `      - {if: [shop], then: "1"}
`, "", servicespec.TableFindings{Whole: true, Gaps: []string{`use in ["office", "home"]`}}},
		"otherwise": {"use", `      - {if: [shop], then: "1"}
`, "    otherwise: \"3\"\n", servicespec.TableFindings{Whole: true}},
		"numbers": {"area", `      - {if: ["< 10"], then: "1"}
      - {if: ["[11..50]"], then: "2"}
      - {if: ["> 60"], then: "3"}
`, "", servicespec.TableFindings{Whole: true, Gaps: []string{"area == 10", "between(area, 51, 60)"}}},
		"decimals": {"height", `      - {if: ["<= 1.5"], then: "1"}
      - {if: ["> 2"], then: "2"}
`, "", servicespec.TableFindings{Whole: true, Gaps: []string{"height > 1.5 && height <= 2.0"}}},
		"days": {"since", `      - {if: ["< 2026-01-01"], then: "1"}
      - {if: ["> 2026-01-01"], then: "2"}
`, "", servicespec.TableFindings{Whole: true, Gaps: []string{`since == date("2026-01-01")`}}},
		"texts": {"said", `      - {if: [yes], then: "1"}
`, "", servicespec.TableFindings{Whole: true, Gaps: []string{`!(said == "yes")`}}},
		"never": {"use, new", `      - {if: [shop, -], then: "1"}
      - {if: ["office, home", -], then: "2"}
      - {if: [shop, "yes"], then: "3"}
`, "", servicespec.TableFindings{Whole: true, Never: []int{2}}},
		"the general case after the special one": {"area", `      - {if: ["< 10"], then: "1"}
      - {if: ["< 50"], then: "2"}
      - {if: ["-"], then: "3"}
`, "", servicespec.TableFindings{Whole: true}},
		"rows that meet": {"use, new", `      - {if: [shop, -], then: "1"}
      - {if: [-, "yes"], then: "2"}
      - {if: [-, -], then: "3"}
`, "", servicespec.TableFindings{Whole: true, Overlaps: []servicespec.TableOverlap{{First: 0, Second: 1, When: `use == "shop" && new`}}}},
		"several choices are not looked into": {"extras, new", `      - {if: [sign, -], then: "1"}
`, "", servicespec.TableFindings{}},
	} {
		p := tabled(t, c.inputs, c.rows, c.otherwise)
		if got := servicespec.TryTable(p, "rate", nil, servicespec.Facts{}); !reflect.DeepEqual(got.Findings, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got.Findings, c.want)
		}
	}
}

// TestTableFindingsAreTrue compares what is said of random tables with what they do: a gap is undecided for every answer in it,
// a row that never decides does not, and where there are no gaps every answer finds a row.
func TestTableFindingsAreTrue(t *testing.T) {
	t.Parallel()
	uses, truth := []string{"shop", "office", "home"}, []string{"yes", "no"}
	rapid.Check(t, func(t *rapid.T) {
		var rows strings.Builder
		n := rapid.IntRange(1, 5).Draw(t, "rows")
		for i := range n {
			use := rapid.SampledFrom([]string{"-", "shop", "office", "shop, home", "not office", "!= home"}).Draw(t, "use")
			a, b := rapid.IntRange(1, 100).Draw(t, "a"), rapid.IntRange(1, 100).Draw(t, "b")
			area := rapid.SampledFrom([]string{"-", fmt.Sprint("< ", a), fmt.Sprint(">= ", a), fmt.Sprintf("[%d..%d]", min(a, b), max(a, b)), fmt.Sprintf("%d, %d", a, b), fmt.Sprintf("not %d", a)}).Draw(t, "area")
			isNew := rapid.SampledFrom([]string{"-", "yes", "no", "false"}).Draw(t, "new")
			fmt.Fprintf(&rows, "      - {if: [%q, %q, %q], then: \"%d\"}\n", use, area, isNew, i)
		}
		p := tabled(t, "use, area, new", rows.String(), "")
		found := servicespec.TryTable(p, "rate", nil, servicespec.Facts{}).Findings
		for range 2 {
			a := servicespec.Answers{
				"use": rapid.SampledFrom(uses).Draw(t, "answer"), "area": int64(rapid.IntRange(1, 100).Draw(t, "area")), "new": rapid.SampledFrom(truth).Draw(t, "new") == "yes",
			}
			tried := servicespec.TryTable(p, "rate", a, servicespec.Facts{})
			inGap := false
			for _, c := range servicespec.TryConditions(p, found.Gaps, a, servicespec.Facts{}) {
				inGap = inGap || c.Result == true
			}
			if inGap && tried.Row != servicespec.TableNoRow {
				t.Fatalf("%v is in a gap, but row %d is for it", a, tried.Row)
			}
			if len(found.Gaps) < 5 && !inGap && tried.Row < 0 {
				t.Fatalf("%v finds no row (%d), and no gap says so: %q", a, tried.Row, found.Gaps)
			}
			for _, never := range found.Never {
				if tried.Row == never {
					t.Fatalf("row %d never decides, but does for %v", never, a)
				}
			}
		}
	})
}

func TestTryTable(t *testing.T) {
	t.Parallel()
	p := tabled(t, "use, area", `      - {if: [shop, "<= 10"], then: "1"}
      - {if: [office, -], then: "2"}
`, "    otherwise: \"area * 3\"\n")
	for _, c := range []struct {
		answers servicespec.Answers
		row     int
		value   any
	}{
		{servicespec.Answers{"use": "shop", "area": int64(5)}, 0, int64(1)},
		{servicespec.Answers{"use": "office", "area": int64(5)}, 1, int64(2)},
		{servicespec.Answers{"use": "home", "area": int64(5)}, servicespec.TableOtherwise, int64(15)},
		{servicespec.Answers{"area": int64(5)}, servicespec.TableUndecided, nil},
	} {
		got := servicespec.TryTable(p, "rate", c.answers, servicespec.Facts{})
		if got.Row != c.row || got.Value != c.value {
			t.Errorf("%v: row %d gives %v, want row %d and %v", c.answers, got.Row, got.Value, c.row, c.value)
		}
		if !reflect.DeepEqual(got.Needs, []string{"use", "area"}) || !reflect.DeepEqual(got.Types, []string{"string", "int"}) {
			t.Errorf("it needs %v of %v", got.Needs, got.Types)
		}
		if len(got.UsedBy) != 1 || got.UsedBy[0].Code != "rated" {
			t.Errorf("it is used by %v", got.UsedBy)
		}
	}
	p.Tables[0].Rows[0].If[1] = "ten"
	if got := servicespec.TryTable(p, "rate", nil, servicespec.Facts{}); len(got.Problems) != 1 || got.Problems[0].Path != "tables.0.rows.0.if.1" {
		t.Errorf("a wrong cell: %v", got.Problems)
	}
}
