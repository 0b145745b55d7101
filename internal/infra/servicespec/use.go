package servicespec

import (
	"slices"
	"strings"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/rule"
)

// use is one place where an expression stands: what it decides, and how. Every expression of a service is one.
type use struct {
	Subject
	prog    *rule.Program
	derived []*derived // the rules, tables, labels and lookups that it mentions
	names   []string   // the answers that it hangs on, also by way of rules, and fields of rows as "members.age"
	named   string     // the rule that is the whole condition
	path    string
}

// Subject is what an expression decides: the question members, how: shown.
type Subject struct {
	Kind string `json:"kind"` // page, question, option, rule, table, lookup, eligibility, document, fee, target, state, branch, opinion, action, checklist, notice, certificate, claim, letter, record
	Code string `json:"code"`
	How  string `json:"how"` // shown, required, valid, value, offered, needed, charged, amount, allowed, taken, sent, issued, written, assigned, promised, eligible, key
}

// derived is a value that is worked out of answers when somebody wants it, and kept until one of them changes.
type derived struct {
	name   string // rule.x, table.x, x_label, lookup.n.f
	names  []string
	public bool // it has a name that designers write
	eval   func(sc *scope) (any, bool)
}

// scope is what rules see at one moment of going through a form.
type scope struct {
	s    *Service
	f    *Facts
	vars map[string]any  // answers as rules see them, what was derived, today, the world
	rows map[string]Rows // answers of groups, beside what rules see of them
	have map[string]bool // derived names that vars is up to date with
	log  *[]Because      // where decisions are noted; nil: nowhere
}

func (s *Service) scope(f *Facts) *scope {
	sc := &scope{s: s, f: f, vars: map[string]any{"today": f.Today, rule.WorldKey: world{f}}, rows: map[string]Rows{}, have: map[string]bool{}}
	if f.Case != nil {
		sc.know(f.Case)
	}
	return sc
}

// know makes what is known of a running case visible to rules.
func (sc *scope) know(c *Case) {
	for name, v := range map[string]string{
		"reference": c.Reference, "service": c.Service, "agency": c.Agency, "holder": c.Holder, "state": c.State, "outcome": c.Outcome,
	} {
		if v != "" {
			sc.vars[name] = v
		}
	}
	for name, v := range map[string]civil.Date{
		"submitted_on": c.SubmittedOn, "decided_on": c.DecidedOn, "issued_on": c.IssuedOn, "valid_until": c.ValidUntil,
	} {
		if !v.IsZero() {
			sc.vars[name] = v
		}
	}
	for branch, outcome := range c.Branches {
		sc.vars["branch."+strings.ReplaceAll(branch, "-", "_")] = outcome
	}
	for _, code := range sc.s.pack.Workflow.OpinionCodes() {
		sc.vars[opinionName(code)] = c.Opinions[code]
	}
	sc.vars["reasons"] = append([]string{}, c.Reasons...)
	for code, v := range c.Findings {
		if q := sc.s.findings[code]; q != nil && !empty(v) {
			sc.set(q, code, v)
		}
	}
}

// set makes an answer known to the rules that follow, under a name (a question's code, or row.<code>).
func (sc *scope) set(q *question, name string, v any) {
	for suffix, x := range q.ruleValues(v, sc) {
		sc.vars[name+suffix] = x
		sc.forget(name + suffix)
	}
}

// unset takes an answer back.
func (sc *scope) unset(q *question, name string) {
	for suffix := range q.suffixes {
		if _, known := sc.vars[name+suffix]; known {
			delete(sc.vars, name+suffix)
			sc.forget(name + suffix)
		}
	}
}

// forget drops what was derived from a name.
func (sc *scope) forget(name string) {
	for _, d := range sc.s.dependents[name] {
		if sc.have[d] {
			delete(sc.have, d)
			delete(sc.vars, d)
		}
	}
}

// prepare works out what an expression needs.
func (sc *scope) prepare(needs []*derived) {
	for _, d := range needs {
		if sc.have[d.name] {
			continue
		}
		sc.have[d.name] = true
		if v, ok := d.eval(sc); ok {
			sc.vars[d.name] = v
		}
	}
}

// value evaluates an expression. What fails to calculate counts as undecided, save where the caller looks at err.
func (sc *scope) value(u *use) (v any, known bool, err error) {
	sc.prepare(u.derived)
	v, known, err = u.prog.Value(sc.vars)
	sc.note(u, v, known, err)
	return v, known && err == nil, err
}

// holds evaluates a condition; one that is undecided or fails does not hold. No condition at all holds.
func (sc *scope) holds(u *use) bool {
	if u == nil {
		return true
	}
	v, known, _ := sc.value(u)
	return known && v == true
}

// refuted reports whether a condition is decided and does not hold, or fails to calculate.
func (sc *scope) refuted(u *use) bool {
	v, known, err := sc.value(u)
	return err != nil || known && v != true
}

func (sc *scope) areaName(code string) string {
	if sc.f.Area == nil {
		return code
	}
	a, ok := sc.f.Area(code)
	if name := a.Name.In(sc.s.pack.Languages[0], ""); ok && name != "" {
		return name
	}
	return code
}

// label returns what people call a coded answer, in the agency's language.
func (sc *scope) label(q *Question, v any) string {
	return Display(q, v, sc.s.pack.Languages[0], sc.words(sc.s.pack.Languages[0]))
}

// words names areas and codes in a language from the facts.
func (sc *scope) words(lang string) Words { return sc.s.Words(lang, *sc.f) }

// Words writes answers in a language with the names of areas and codes that the facts know.
func (s *Service) Words(lang string, f Facts) Words {
	fallback := s.pack.Languages[0]
	return Words{
		Fallback: fallback, Currency: f.Currency,
		Boundary: func(code string) string {
			if f.Area != nil {
				if a, ok := f.Area(code); ok && !a.Name.IsZero() {
					return a.Name.In(lang, fallback)
				}
			}
			return code
		},
		RefData: func(list, code string) string {
			if f.Code != nil {
				if c, ok := f.Code(list, code); ok && !c.Name.IsZero() {
					return c.Name.In(lang, fallback)
				}
			}
			return code
		},
	}
}

// compiled makes a use of a program: it finds what the program hangs on.
func (s *Service) compiled(subject Subject, path string, p *rule.Program, derivations map[string]*derived) *use {
	u := &use{Subject: subject, prog: p, path: path}
	for _, name := range p.Names() {
		if d := derivations[name]; d != nil {
			u.derived = append(u.derived, d)
			u.names = append(u.names, d.names...)
			continue
		}
		u.names = append(u.names, name)
	}
	for _, field := range p.Fields() {
		u.names = append(u.names, strings.TrimSuffix(field, labelSuffix))
	}
	slices.Sort(u.names)
	u.names = slices.Compact(u.names)
	if len(u.derived) == 1 && strings.HasPrefix(u.derived[0].name, "rule.") && strings.TrimSpace(p.String()) == u.derived[0].name {
		u.named = strings.TrimPrefix(u.derived[0].name, "rule.")
	}
	return u
}
