package servicespec

import (
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/i18n"
)

// Named returns the words by which people know what a decision is about: the label of a question, the name of a fee; nil where
// the pack has none.
func (s *Service) Named(b Subject) i18n.Text {
	switch b.Kind {
	case "page":
		if i, ok := s.pageIndex[b.Code]; ok {
			return s.pages[i].Title
		}
	case "question", "document":
		if q := s.Question(b.Code); q != nil {
			return q.Label
		}
	case "option":
		return s.namedOption(b.Code)
	case "rule":
		return s.ruleTexts[b.Code]
	case "eligibility":
		if i, err := strconv.Atoi(b.Code); err == nil && i < len(s.conditions) {
			return s.conditions[i].No
		}
	case "fee":
		for _, f := range s.pack.Fees {
			if f.Code == b.Code {
				return f.Name
			}
		}
	case "state", "branch":
		if st := s.states[b.Code]; st != nil {
			return st.Name
		}
	case "opinion":
		if o := s.Opinion(b.Code); o != nil {
			return o.Name
		}
	case "action":
		if a := s.Action(b.Code); a != nil {
			return a.Name
		}
	case "certificate":
		for _, c := range s.pack.Certificates {
			if c.Type == b.Code {
				return c.Title
			}
		}
	case "letter":
		for _, l := range s.pack.Letters {
			if l.Code == b.Code {
				return l.Title
			}
		}
	}
	return nil
}

func (s *Service) namedOption(code string) i18n.Text {
	i := strings.LastIndex(code, ".")
	q := s.Question(code[:max(i, 0)])
	if q == nil {
		return nil
	}
	for _, o := range q.Options {
		if o.Code == code[i+1:] {
			return o.Label
		}
	}
	return nil
}

// SeenWhy takes out of decisions the answers that their reader may not see, and what would tell them: what was decided or worked
// out from them.
func (s *Service) SeenWhy(log []Because, sees func(q *Question) bool) []Because {
	out := make([]Because, len(log))
	for i, b := range log {
		out[i] = b
		out[i].Saw = make(map[string]any, len(b.Saw))
		concealed := false
		for name, v := range b.Saw {
			out[i].Saw[name] = v
			if q := s.question(s.owners[name]); q != nil && !seesAll(&q.Question, sees) {
				out[i].Saw[name], concealed = "…", true
			}
		}
		if q := s.Question(b.Code); b.Kind == "question" && b.How == "value" && q != nil && !sees(q) {
			concealed = true
		}
		if concealed {
			out[i].concealOutcome(s)
		}
	}
	return out
}

// concealOutcome takes out what was worked out from an answer that the reader may not see.
func (b *Because) concealOutcome(s *Service) {
	b.Result = "…"
	for name := range b.Saw {
		if s.derivations[name] != nil {
			b.Saw[name] = "…"
		}
	}
	b.Rules = slices.Clone(b.Rules)
	for i := range b.Rules {
		b.Rules[i].Result = "…"
	}
}

// seesAll reports whether a reader may see a question, and all that is asked in its rows.
func seesAll(q *Question, sees func(q *Question) bool) bool {
	if !sees(q) {
		return false
	}
	for i := range q.Fields {
		if !sees(&q.Fields[i]) {
			return false
		}
	}
	return true
}

// Asker returns the question whose answer a rule sees under a name; nil for what is no answer.
func (s *Service) Asker(name string) *Question {
	if q := s.question(s.owners[name]); q != nil {
		return &q.Question
	}
	return nil
}
