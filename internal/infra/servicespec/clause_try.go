package servicespec

import (
	"fmt"
	"slices"
	"strings"

	"digit/internal/infra/platform/fault"
)

// Tried is a condition of a draft with what some answers make of it.
type Tried struct {
	Because
	Needs    []string  // the questions on whose answers it hangs, also by way of rules, in the order of the form
	Problems []Problem // what keeps it from being tried
}

// TryConditions works conditions out for some answers, whatever else is wrong with the pack. The answers count although
// their questions might not be asked: it is the condition that is tried. Conditions over a row, or over what is known of a
// running case alone, are not tried so (rule_unknown_name).
func TryConditions(p *Pack, exprs []string, a Answers, f Facts) []Tried {
	part := formOnly(p)
	first := len(part.Rules)
	for i, expr := range exprs {
		part.Rules = append(part.Rules, Rule{Name: fmt.Sprint(triedRule, i), When: expr})
	}
	s, problems := build(part, nil)
	out := make([]Tried, len(exprs))
	for i := range exprs {
		at := fmt.Sprintf("rules.%d.when", first+i)
		for _, pr := range Errors(problems) {
			if pr.Path == at {
				out[i].Problems = append(out[i].Problems, pr)
			}
		}
		uses := s.derivedUses[fmt.Sprint("rule.", triedRule, i)]
		if len(uses) == 0 || len(out[i].Problems) > 0 {
			continue
		}
		out[i].Needs = s.needs(uses[0])
		out[i].Because = s.try(uses[0], a, f)
	}
	return out
}

// formOnly is what of a pack conditions over answers need, with the least there can be around it.
func formOnly(p *Pack) *Pack {
	part := clone(p)
	return &Pack{
		Code: p.Code, Version: 1, Agency: p.Agency, Name: part.Name, Summary: part.Summary, Languages: part.Languages,
		Number: "T-{seq:6}", Rules: part.Rules, Tables: part.Tables, Lookups: part.Lookups, Eligibility: part.Eligibility, Form: part.Form,
		Documents: part.Documents, Workflow: Workflow{Start: "end", States: []State{{Code: "end", Kind: StateEnd, Outcome: "approved"}}},
	}
}

// TriedFees is what some answers would cost.
type TriedFees struct {
	Lines    []FeeLine
	Why      []Because
	Needs    []string  // the questions on whose answers the fees hang
	Problems []Problem // what keeps the fees from being worked out
	// Failed is the fee that cannot be worked out for these answers, since one is missing or the amount comes to less than
	// nothing; "" where all can.
	Failed string
}

// TryFees works out what answers would cost, as TryConditions does conditions.
func TryFees(p *Pack, a Answers, f Facts) (out TriedFees) {
	part := formOnly(p)
	part.Fees = clone(p).Fees
	s, problems := build(part, nil)
	for _, pr := range Errors(problems) {
		if strings.HasPrefix(pr.Path, "fees.") && pr.Code != "text_missing" {
			out.Problems = append(out.Problems, pr)
		}
	}
	seen := &use{}
	for _, u := range s.uses {
		if strings.HasPrefix(u.path, "fees.") {
			seen.names, seen.derived = append(seen.names, u.names...), append(seen.derived, u.derived...)
		}
	}
	out.Needs = s.needs(seen)
	if len(out.Problems) > 0 || len(s.fees) < len(part.Fees) {
		return out
	}
	sc := s.scope(&f)
	for code, v := range a {
		if q := s.answerable(code); q != nil && !empty(v) {
			sc.set(q, code, v)
		}
	}
	sc.log = &out.Why
	lines, err := s.feesIn(sc)
	if e := fault.Of(err); e != nil {
		out.Failed, _ = e.Args["fee"].(string)
	}
	out.Lines = lines
	return out
}

const triedRule = "tried_condition_"

// try evaluates a condition with these answers and no others.
func (s *Service) try(u *use, a Answers, f Facts) Because {
	var log []Because
	sc := s.scope(&f)
	for code, v := range a {
		if q := s.answerable(code); q != nil && !empty(v) {
			sc.set(q, code, v)
		}
	}
	sc.log = &log
	_, _, err := sc.value(u)
	if len(log) == 0 {
		return Because{Failed: err != nil}
	}
	return log[len(log)-1]
}

func (s *Service) answerable(code string) *question {
	if q := s.questions[code]; q != nil {
		return q
	}
	return s.screening[code]
}

// needs returns the questions that a condition hangs on, in the order of the form.
func (s *Service) needs(u *use) []string {
	seen := map[string]bool{}
	for _, name := range u.names {
		seen[strings.SplitN(name, ".", 2)[0]], seen[s.owners[name]] = true, true
	}
	for _, d := range u.derived {
		for _, name := range d.names {
			seen[s.owners[name]] = true
		}
	}
	var out []string
	add := func(code string) {
		if seen[code] && !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	for i := range s.pack.Eligibility.Questions {
		add(s.pack.Eligibility.Questions[i].Code)
	}
	for _, pg := range s.pack.Form.Pages {
		for i := range pg.Questions {
			add(pg.Questions[i].Code)
		}
	}
	return out
}
