package servicespec_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
)

// large generates the source of a service of ten pages with 20 questions each, half of them hanging on others, and of 40
// states in a row with a rejection beside each.
func large(t testing.TB) []byte {
	t.Helper()
	text := func(format string, args ...any) i18n.Text { return i18n.Text{"en": fmt.Sprintf(format, args...)} }
	p := &servicespec.Pack{
		Code: "large", Version: 1, Agency: "agency", Languages: []string{"en"}, Number: "LA-{yyyy}-{seq:6}",
		Name: text("Large"), Summary: text("A service of 200 questions and 40 states"), Target: servicespec.Target{WorkingDays: 30},
		Roles: []servicespec.Role{{Code: "clerk", Name: text("Clerk")}},
		Rules: []servicespec.Rule{{Name: "grown", Text: text("Of age"), When: "q000 >= 18"}},
		Fees:  []servicespec.Fee{{Code: "fee", Name: text("Fee"), Amount: "q000 * 10 + (rule.grown ? 500 : 0)"}},
	}
	low, high := 0.0, 150.0
	for i := range 10 {
		page := servicespec.Page{Code: fmt.Sprintf("page%d", i), Title: text("Page %d", i)}
		for j := range 20 {
			n := i*20 + j
			q := servicespec.Question{Code: fmt.Sprintf("q%03d", n), Label: text("Question %d", n)}
			switch j % 4 {
			case 0:
				q.Kind, q.Min, q.Max = servicespec.KindNumber, &low, &high
			case 1:
				q.Kind, q.When = servicespec.KindText, fmt.Sprintf("q%03d > 3 && rule.grown", n-1)
			case 2:
				q.Kind, q.Options = servicespec.KindChoice, []servicespec.Option{{Code: "a", Label: text("A")}, {Code: "b", Label: text("B")}}
			case 3:
				q.Kind, q.Required, q.Valid = servicespec.KindDate, fmt.Sprintf(`q%03d == "a"`, n-1), fmt.Sprintf("q%03d <= today", n)
				q.Message = text("This day is yet to come")
			}
			page.Questions = append(page.Questions, q)
		}
		p.Form.Pages = append(p.Form.Pages, page)
	}
	w := &p.Workflow
	w.Start = "s0"
	w.States = append(w.States, servicespec.State{Code: "s0", Kind: servicespec.StatePayment, Name: text("Waiting for the payment")})
	w.Actions = append(w.Actions, servicespec.Action{Code: "paid", From: servicespec.Codes{"s0"}, To: "s1", Name: text("Paid"), By: servicespec.BySystem, On: servicespec.OnPaid})
	for i := 1; i < 38; i++ {
		code, next := fmt.Sprintf("s%d", i), fmt.Sprintf("s%d", i+1)
		if i == 37 {
			next = "granted"
		}
		w.States = append(w.States, servicespec.State{Code: code, Role: "clerk", Name: text("Step %d", i)})
		w.Actions = append(w.Actions,
			servicespec.Action{Code: "on-" + code, From: servicespec.Codes{code}, To: next, Name: text("On"), Guard: "q000 > 3"},
			servicespec.Action{Code: "no-" + code, From: servicespec.Codes{code}, To: "refused", Name: text("Refuse"), Comment: "required"})
	}
	w.States = append(w.States,
		servicespec.State{Code: "granted", Kind: servicespec.StateEnd, Outcome: "approved", Name: text("Granted")},
		servicespec.State{Code: "refused", Kind: servicespec.StateEnd, Outcome: "rejected", Name: text("Refused")})
	source, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func largeService(t testing.TB) *servicespec.Service {
	t.Helper()
	return compile(t, string(large(t)))
}

// filled answers every question of the large service.
func filled() servicespec.Answers {
	a := servicespec.Answers{}
	for n := range 200 {
		a[fmt.Sprintf("q%03d", n)] = []any{int64(20), "words", "a", "2020-02-29"}[n%4]
	}
	return a
}

// TestLarge holds what the benchmarks measure to its size and to having no problem.
func TestLarge(t *testing.T) {
	t.Parallel()
	p, problems := servicespec.Parse(large(t))
	for _, pr := range append(problems, servicespec.Check(p)...) {
		t.Error(pr)
	}
	s := largeService(t)
	if pages := s.Pages(filled(), facts); len(pages) != 10 || len(pages[9].Questions) != 20 || len(p.Workflow.States) != 40 {
		t.Errorf("%d pages, %d states", len(pages), len(p.Workflow.States))
	}
	if wrong := s.Validate(filled(), facts); len(wrong) > 0 {
		t.Error(wrong)
	}
}

// BenchmarkCheckLarge is what `digit pack check` does with 200 questions and 40 states, from the source.
func BenchmarkCheckLarge(b *testing.B) {
	source := large(b)
	for b.Loop() {
		p, _ := servicespec.Parse(source)
		if len(servicespec.Check(p)) > 0 {
			b.Fatal("there are problems")
		}
	}
}

// BenchmarkPage evaluates all rules of one page of 20 questions, as a page is shown and posted.
func BenchmarkPage(b *testing.B) {
	s, a := largeService(b), filled()
	posted := map[string][]string{}
	for n := 180; n < 200; n++ {
		code := fmt.Sprintf("q%03d", n)
		posted[code] = []string{fmt.Sprint(a[code])}
	}
	for b.Loop() {
		if _, wrong := s.Read("page9", posted, a, facts); len(wrong) > 0 {
			b.Fatal(wrong)
		}
	}
}

// BenchmarkAllPages evaluates what is asked on all ten pages, 200 questions.
func BenchmarkAllPages(b *testing.B) {
	s, a := largeService(b), filled()
	for b.Loop() {
		s.Pages(a, facts)
	}
}

// household asks for up to 200 people, with conditions in each row and sums over all.
const household = `
code: household
version: 1
agency: agency
languages: [en]
number: "HO-{yyyy}-{seq:6}"
name: {en: Household}
summary: {en: Who lives together}
target: {working_days: 5}
roles: [{code: clerk, name: {en: Clerk}}]
rules: [{name: minor, text: {en: The member is a child}, when: row.age < 18, each: members}]
form:
  pages:
    - code: all
      title: {en: All}
      questions:
        - code: members
          kind: group
          label: {en: Members}
          row: member
          fields:
            - {code: name, kind: name, label: {en: Name}}
            - {code: age, kind: number, min: 0, max: 120, label: {en: Age}}
            - {code: school, kind: text, when: rule.minor, required: member.age > 5, label: {en: School}}
            - {code: income, kind: money, when: member.age >= 18, label: {en: Income}}
        - {code: total, kind: computed, as: money, value: "members.sum(m, orElse(m.income, 0))", label: {en: Income of all}}
        - {code: head, kind: yesno, when: "members.any(m, m.age >= 18) && size(members) > 1", required: "false", label: {en: "Is there a head?"}}
workflow:
  start: review
  states:
    - {code: review, role: clerk, name: {en: Review}}
    - {code: granted, kind: end, outcome: approved, name: {en: Granted}}
    - {code: refused, kind: end, outcome: rejected, name: {en: Refused}}
  actions:
    - {code: grant, from: review, to: granted, name: {en: Grant}}
    - {code: refuse, from: review, to: refused, comment: required, name: {en: Refuse}}
`

// manyRows answers it for 200 people, a fifth of them children.
func manyRows() servicespec.Answers {
	var rows servicespec.Rows
	for i := range 200 {
		row := servicespec.Answers{"name": fmt.Sprintf("Member %d", i), "age": int64(i%5*10 + 9)}
		if i%5 == 0 {
			row["school"] = "Escola"
		} else {
			row["income"] = int64(1000)
		}
		rows = append(rows, row)
	}
	return servicespec.Answers{"members": rows}
}

// TestManyRows holds that the longest group is taken, counted and shown.
func TestManyRows(t *testing.T) {
	t.Parallel()
	s := compile(t, household)
	a := manyRows()
	if wrong := s.Validate(a, facts); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	if got := s.Values(a, facts)["total"]; got != int64(160000) {
		t.Errorf("the total is %v", got)
	}
	if rows := s.Pages(a, facts)[0].Questions[0].Rows; len(rows) != 200 {
		t.Errorf("%d rows are shown", len(rows))
	}
	a["members"] = append(a["members"].(servicespec.Rows), servicespec.Answers{"name": "One more", "age": int64(30), "income": int64(1)})
	if wrong := s.Validate(a, facts); len(wrong) != 1 || wrong[0].Code != "too_many_rows" {
		t.Errorf("201 rows: %v", wrong)
	}
}

// BenchmarkRows validates a household of 200.
func BenchmarkRows(b *testing.B) {
	s, a := compile(b, household), manyRows()
	for b.Loop() {
		if wrong := s.Validate(a, facts); len(wrong) > 0 {
			b.Fatal(wrong)
		}
	}
}

// BenchmarkShowRows makes what the page of a household of 200 shows.
func BenchmarkShowRows(b *testing.B) {
	s, a := compile(b, household), manyRows()
	for b.Loop() {
		s.Pages(a, facts)
	}
}
