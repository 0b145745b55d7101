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
		if (err == nil) != (len(problems) == 0) {
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
		}
		clean := s.Clean(a, facts)
		_, _ = s.Fees(clean, facts)
		_, _ = s.Claims(clean, facts, map[string]any{"reference": "x"})
		_, _, _ = s.Record(clean, facts, nil)
		for _, act := range s.Pack().Workflow.Actions {
			s.Guard(act.Code, clean, facts)
		}
		for code, v := range clean {
			servicespec.Display(*s.Question(code), v, "ar", servicespec.Words{})
		}
	})
}
