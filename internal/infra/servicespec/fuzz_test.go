package servicespec_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"digit/internal/infra/servicespec"
)

// FuzzPack feeds sources and posts through the whole language: whatever comes in, nothing panics, and what
// Read takes stays takeable.
func FuzzPack(f *testing.F) {
	f.Add(small, "word=x&rooms=3&colour=red&uses=a&uses=c&born.day=1", `{"rooms": 6}`)
	f.Add(strings.Replace(small, "rooms > 5", "rooms / 0 > 5", 1), "true_statement=yes", `{"rooms": 6, "papers": []}`)
	f.Add("code: x\nform: {pages: [{code: a, questions: [{code: q, kind: choice}]}]}", "q=1", `{}`)
	f.Add("{\"code\": \"x\", \"workflow\": {\"start\": \"a\", \"states\": [{\"code\": \"a\"}, {\"code\": \"a\"}]}}", "", `null`)
	f.Add("certificate: {claims: [{from: '['}, {}]}\nregistry: {key: ''}\nfees: [{amount: '1/0'}]", "=", `{"a": "b"}`)
	f.Fuzz(func(t *testing.T, src, post, stored string) {
		p, _ := servicespec.Parse([]byte(src))
		if p == nil {
			return
		}
		problems := servicespec.Check(p)
		servicespec.Hash(p)
		s, err := servicespec.Compile(p)
		if (err == nil) != (len(servicespec.Errors(problems)) == 0) {
			t.Fatalf("Compile says %v, Check %v", err, problems)
		}
		if err != nil {
			return
		}
		var a servicespec.Answers
		if json.Unmarshal([]byte(stored), &a) != nil {
			a = nil
		}
		posted, _ := url.ParseQuery(post)
		s.Validate(a, facts)
		for _, pg := range s.Pages(a, facts) {
			read, _ := s.Read(pg.Code, posted, a, facts)
			a = s.Merge(pg.Code, a, read)
			for _, q := range pg.Questions {
				if q.Kind == servicespec.KindGroup {
					_, _ = s.ReadRow(q.Code, 0, posted, a, facts)
				}
			}
		}
		exercise(s, s.Clean(a, facts))
		if taken, _, err := s.Take([]byte(stored)); err == nil {
			s.Validate(taken, facts)
		}
	})
}

// exercise asks a service everything it can be asked about some answers.
func exercise(s *servicespec.Service, a servicespec.Answers) {
	f := facts
	f.Case = &servicespec.Case{Reference: "x"}
	_, _, _ = s.TracedFees(a, f)
	_, _ = s.Issues("", a, f)
	_, _ = s.Entries("", a, f)
	s.LettersOf("", a, f)
	s.Eligible(a, f)
	s.Screening(a, f)
	s.Needs(a, f)
	s.Wanted(a, f)
	s.Values(a, f)
	s.Trace(a, f)
	s.Promise(a, f)
	for _, lang := range s.Pack().Languages {
		s.Schema(lang)
	}
	for _, act := range s.Pack().Workflow.Actions {
		s.TracedGuard(act.Code, a, f)
		s.ChecklistOf(act.Code, a, f)
		_, _ = s.CheckFindings(act.Code, a, a, f)
	}
	for _, n := range s.Pack().Notices {
		for _, x := range s.NoticesOn(n.On, a, f) {
			s.AnswerFields(x.Text, a, f, "ar", servicespec.Words{})
		}
	}
	for code, v := range a {
		servicespec.Display(s.Question(code), v, "ar", servicespec.Words{})
		s.Affects(code)
	}
	for _, p := range s.Pages(a, f) {
		for _, q := range p.Questions {
			q.Text(q.Label, "en", servicespec.Words{})
			for _, row := range q.Rows {
				row.Title("en", servicespec.Words{})
			}
		}
	}
}
