package servicespec

import (
	"maps"
	"slices"
	"strings"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
)

// Because is one decision that rules made, as plain data: what was decided, by which expression, and what it saw. A case
// keeps those of its moments, so that "why was this asked, charged, refused" has an answer later. What it saw is personal
// data wherever the answers are.
type Because struct {
	Subject
	Result any            `json:"result"` // true or false of a condition, a value otherwise; nil: undecided
	Rule   string         `json:"rule,omitempty"`
	Text   i18n.Text      `json:"text,omitempty"` // the named rule's sentence
	Expr   string         `json:"expr"`
	Saw    map[string]any `json:"saw,omitempty"`   // by name; what is not answered is nil
	Rules  []Fired        `json:"rules,omitempty"` // the named rules on the way
	Failed bool           `json:"failed,omitempty"`
}

// Fired is a named rule that an expression drew on, and what it said.
type Fired struct {
	Name   string    `json:"name"`
	Text   i18n.Text `json:"text,omitempty"`
	Result any       `json:"result"`
}

// note keeps a decision, if anybody wants to know.
func (sc *scope) note(u *use, v any, known bool, err error) {
	if sc.log == nil || len(*sc.log) >= maxBecause {
		return
	}
	b := Because{Subject: u.Subject, Rule: u.named, Expr: u.prog.String(), Saw: map[string]any{}, Failed: err != nil}
	if known && err == nil {
		b.Result = plain(v)
	}
	for _, name := range u.names {
		if strings.Contains(name, ".") && sc.s.groups[name[:strings.Index(name, ".")]] != nil {
			continue // a field of rows: the rows themselves are seen
		}
		if name != worldName {
			b.Saw[name] = sc.seen(name)
		}
	}
	for _, d := range u.derived {
		sc.fired(&b, d, map[string]bool{})
	}
	b.Text = sc.s.ruleTexts[u.named]
	*sc.log = append(*sc.log, b)
}

// maxBecause is how many decisions of one moment are kept, and maxSeenRows how many rows of a group with each of them; of
// more the number is kept, so that long lists do not weigh on every case.
const (
	maxBecause  = 1000
	maxSeenRows = 20
)

const worldName = "@world"

// fired notes the named rules behind a derived value.
func (sc *scope) fired(b *Because, d *derived, seen map[string]bool) {
	name, isRule := strings.CutPrefix(d.name, "rule.")
	if seen[d.name] {
		return
	}
	seen[d.name] = true
	if isRule {
		b.Rules = append(b.Rules, Fired{Name: name, Text: sc.s.ruleTexts[name], Result: plain(sc.vars[d.name])})
	} else if strings.HasPrefix(d.name, "table.") || strings.HasPrefix(d.name, "lookup.") {
		b.Saw[d.name] = plain(sc.vars[d.name])
	}
	for _, u := range sc.s.derivedUses[d.name] {
		for _, deeper := range u.derived {
			sc.fired(b, deeper, seen)
		}
	}
}

// seen is a value as it is kept: rows by their answers.
func (sc *scope) seen(name string) any {
	if rows, ok := sc.rows[name]; ok {
		if len(rows) > maxSeenRows {
			return len(rows)
		}
		return rows
	}
	return plain(sc.vars[name])
}

// plain turns a value of rules into plain data: days are texts.
func plain(v any) any {
	if d, ok := v.(civil.Date); ok {
		return d.String()
	}
	return v
}

// Trace goes through a form as Validate does and returns every decision on the way, in order: pages and questions shown or
// not, required or not, refused or not, and who may have the service.
func (s *Service) Trace(a Answers, f Facts) []Because {
	var log []Because
	sc := s.scope(&f)
	sc.log = &log
	s.walkIn(sc, a, false).verdict()
	return log
}

// Why keeps of decisions those that made a difference: conditions that were decided, and values that were worked out.
func Why(log []Because) []Because {
	return slices.DeleteFunc(slices.Clone(log), func(b Because) bool { return b.Result == nil && !b.Failed })
}

// Names returns what a decision saw, sorted.
func (b Because) Names() []string { return slices.Sorted(maps.Keys(b.Saw)) }
