package servicespec

import (
	"fmt"
	"slices"
	"strings"
)

// What a table came to where no row of it decided.
const (
	TableOtherwise = -1 // the value for all other cases
	TableNoRow     = -2 // no row fits, and there is no such value
	TableUndecided = -3 // an answer is missing before a row was found
)

// TriedTable is a decision table of a draft: what can be said of it, and which row some answers lead to.
type TriedTable struct {
	Findings TableFindings
	Types    []string   // of the inputs: string, int, decimal, bool, date, money or strings; "" where one cannot be read
	Needs    []string   // the questions on whose answers it hangs, in the order of the form
	UsedBy   []Affected // what reads its value, in the order of the pack
	Row      int        // the row that decides, or one of the above
	Value    any        // what it gives; nil where that is undecided
	Known    bool
	Problems []Problem // what keeps it from being tried
}

// TryTable looks a decision table through and works it out for some answers, whatever else is wrong with the pack. The answers
// count although their questions might not be asked.
func TryTable(p *Pack, name string, a Answers, f Facts) TriedTable {
	out := TriedTable{Row: TableUndecided}
	c := run(p, nil)
	i := slices.IndexFunc(c.pack.Tables, func(t Table) bool { return t.Name == name })
	if i < 0 || c.s == nil {
		return out
	}
	at := fmt.Sprintf("tables.%d", i)
	for _, pr := range Errors(c.problems) {
		if (pr.Path == at || strings.HasPrefix(pr.Path, at+".")) && pr.Code != "text_missing" && !strings.HasPrefix(pr.Code, "translation") {
			out.Problems = append(out.Problems, pr)
		}
	}
	out.Findings, out.Types = c.judged[name], c.inputTypes[name]
	full := "table." + name
	for _, u := range c.s.uses {
		reads := slices.ContainsFunc(u.derived, func(d *derived) bool { return d.name == full })
		if reads && !slices.ContainsFunc(out.UsedBy, func(a Affected) bool { return a.Subject == u.Subject }) {
			out.UsedBy = append(out.UsedBy, Affected{Subject: u.Subject, Path: u.path})
		}
	}
	uses := c.s.derivedUses[full]
	if len(uses) == 0 || len(out.Problems) > 0 {
		return out
	}
	seen := &use{}
	for _, u := range uses {
		seen.names, seen.derived = append(seen.names, u.names...), append(seen.derived, u.derived...)
	}
	out.Needs = c.s.needs(seen)
	c.s.walkTable(&out, at, uses, a, f)
	return out
}

// walkTable goes down the rows until one fits, as the table itself does.
func (s *Service) walkTable(out *TriedTable, at string, uses []*use, a Answers, f Facts) {
	sc := s.scope(&f)
	for code, v := range a {
		if q := s.answerable(code); q != nil && !empty(v) {
			sc.set(q, code, v)
		}
	}
	out.Row = TableNoRow
	skip := false
	for _, u := range uses {
		if strings.HasSuffix(u.path, ".if") {
			v, known, _ := sc.value(u)
			if !known {
				out.Row = TableUndecided
				return
			}
			skip = v != true
			continue
		}
		if skip {
			skip = false
			continue
		}
		out.Value, out.Known, _ = sc.value(u)
		out.Row = TableOtherwise
		if n, err := fmt.Sscanf(u.path, at+".rows.%d", &out.Row); n != 1 || err != nil {
			out.Row = TableOtherwise
		}
		return
	}
}
