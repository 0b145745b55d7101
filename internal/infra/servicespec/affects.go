package servicespec

import (
	"maps"
	"slices"
	"strings"

	"digit/internal/infra/platform/i18n"
)

// Affected is something that hangs on a question, and by way of what.
type Affected struct {
	Subject
	Through []string `json:"through,omitempty"` // rules, tables, computed values and questions on the way
	Path    string   `json:"path"`
}

// Affects returns everything that the answer to a question has a say in, directly or by way of rules, computed values and
// what is shown: pages and questions, documents, fees, actions, notices, certificates, and texts that show it. The code may
// be that of a question in a row, members.age.
func (s *Service) Affects(question string) []Affected {
	a := affecting{s: s, seen: map[string]bool{}, told: map[string]bool{}}
	a.follow(question, nil)
	return a.out
}

// affecting is the search through what hangs on what.
type affecting struct {
	s    *Service
	seen map[string]bool
	told map[string]bool
	out  []Affected
}

func (a *affecting) follow(question string, through []string) {
	if a.seen[question] {
		return
	}
	a.seen[question] = true
	for _, u := range a.s.uses {
		if slices.ContainsFunc(u.names, func(n string) bool { return a.s.isAnswer(n, question) }) {
			a.tell(u, append(slices.Clone(through), a.byWay(u, question)...))
		}
	}
	for _, subject := range a.s.texts()[question] {
		a.add(Affected{Subject: subject, Through: through})
	}
}

// byWay returns the rules, tables and lookups by way of which an expression hangs on a question, as rules name them.
func (a *affecting) byWay(u *use, question string) []string {
	var names []string
	for _, d := range u.derived {
		if d.public && slices.ContainsFunc(d.names, func(n string) bool { return a.s.isAnswer(n, question) }) {
			names = append(names, d.name)
		}
	}
	return names
}

// isAnswer reports whether a name that rules see is, or is part of, the answer to a question.
func (s *Service) isAnswer(name, question string) bool {
	return name == question || s.owners[name] == question || strings.HasPrefix(question, name+".") && s.groups[name] != nil && !strings.Contains(name, ".")
}

func (a *affecting) tell(u *use, through []string) {
	a.add(Affected{Subject: u.Subject, Through: through, Path: u.path})
	next := append(slices.Clone(through), u.Code)
	switch {
	case u.Kind == "page" && u.How == "shown":
		if i, ok := a.s.pageIndex[u.Code]; ok {
			for _, q := range a.s.pages[i].questions {
				a.hidden(q.Code, next)
			}
		}
	case u.Kind == "question" && (u.How == "shown" || u.How == "value"):
		a.hidden(u.Code, next)
	case u.Kind == "document" && u.How == "needed":
		a.hidden(u.Code, next)
	}
}

// hidden follows a question that is shown or not because of the one looked at.
func (a *affecting) hidden(question string, through []string) {
	if q := a.s.question(question); q != nil && q.Kind == KindInfo {
		return
	}
	a.add(Affected{Subject: Subject{Kind: "question", Code: question, How: "shown"}, Through: slices.DeleteFunc(slices.Clone(through), func(c string) bool { return c == question })})
	a.follow(question, through)
}

func (a *affecting) add(x Affected) {
	key := x.Kind + " " + x.Code + " " + x.How
	if !a.told[key] {
		a.told[key] = true
		a.out = append(a.out, x)
	}
}

// texts finds where answers are shown in words, by question.
func (s *Service) texts() map[string][]Subject {
	s.textsOnce.Do(func() {
		s.textsOf = map[string][]Subject{}
		see := func(kind, code string, texts ...i18n.Text) {
			for _, name := range fieldsIn(texts...) {
				if s.questions[name] != nil {
					s.textsOf[name] = append(s.textsOf[name], Subject{kind, code, "said"})
				}
			}
		}
		for _, p := range s.pages {
			see("page", p.Code, p.Title, p.Hint)
			for _, q := range p.questions {
				see("question", q.Code, q.Label, q.Hint, q.Message)
				if q.rows != nil {
					for _, f := range q.rows.fields {
						see("question", q.Code+"."+f.Code, f.Label, f.Hint, f.Message)
					}
				}
			}
		}
		for i := range s.notices {
			see("notice", s.notices[i].On, s.notices[i].Subject, s.notices[i].Text)
		}
		for i := range s.letters {
			see("letter", s.letters[i].Code, s.letters[i].Title, s.letters[i].Body)
		}
	})
	return s.textsOf
}

// fieldsIn returns the merge fields of texts in any language, sorted.
func fieldsIn(texts ...i18n.Text) []string {
	seen := map[string]bool{}
	for _, t := range texts {
		for _, lang := range slices.Sorted(maps.Keys(t)) {
			for _, name := range mergeFieldsOf(t[lang]) {
				seen[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}
