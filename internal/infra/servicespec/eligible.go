package servicespec

import (
	"slices"

	"digit/internal/infra/platform/fault"
)

// FieldFault is what is wrong with one answer.
type FieldFault = fault.Field

// Verdict is whether somebody may have the service, as far as it is known.
type Verdict struct {
	Eligible bool // no condition that counts is known to fail
	Decided  bool // every condition that counts is known to hold or to fail
	Reasons  []Reasoned
}

// Reasoned is a condition with whether it holds; nil: not decided yet.
type Reasoned struct {
	Condition
	Holds *bool
}

// Eligible judges by the answers so far: those to the questions of eligibility, and those of the form.
func (s *Service) Eligible(a Answers, f Facts) Verdict {
	v, _ := s.eligible(a, f, nil)
	return v
}

// TracedEligible is Eligible with the decisions.
func (s *Service) TracedEligible(a Answers, f Facts) (Verdict, []Because) {
	var log []Because
	return s.eligible(a, f, &log)
}

func (s *Service) eligible(a Answers, f Facts, log *[]Because) (Verdict, []Because) {
	w := s.walk(a, &f, false)
	for i := range s.pack.Eligibility.Questions {
		code := s.pack.Eligibility.Questions[i].Code
		if q := s.screening[code]; q != nil && s.questions[code] == nil && w.holds(q.when) {
			_ = w.judge(q, code, a[code], false) // a wrong answer counts as none
		}
	}
	w.log = log
	v := w.verdict()
	if log == nil {
		return v, nil
	}
	return v, *log
}

// verdict looks at the conditions with the answers that are known.
func (w *walked) verdict() Verdict {
	v := Verdict{Eligible: true, Decided: true}
	for _, c := range w.s.conditions {
		r := Reasoned{Condition: c.Condition}
		if x, known, _ := w.value(c.when); known {
			holds := x == true
			r.Holds = &holds
		}
		if !c.Advisory {
			v.Eligible = v.Eligible && (r.Holds == nil || *r.Holds)
			v.Decided = v.Decided && r.Holds != nil
		}
		v.Reasons = append(v.Reasons, r)
	}
	return v
}

// Failing returns the conditions that are known to fail, advisory ones last.
func (v Verdict) Failing() []Reasoned {
	var out []Reasoned
	for _, advisory := range []bool{false, true} {
		for _, r := range v.Reasons {
			if r.Holds != nil && !*r.Holds && r.Advisory == advisory {
				out = append(out, r)
			}
		}
	}
	return out
}

// Screening returns the questions of eligibility as a person with these answers sees them.
func (s *Service) Screening(a Answers, f Facts) PageView {
	w := &walked{scope: s.scope(&f), answer: Answers{}, seen: map[string]bool{}, right: map[string]Rows{}, views: true}
	w.page(s.screeningPage(), a)
	return w.pages[0]
}

// ReadScreening takes in the post of the questions of eligibility, as Read does of a page.
func (s *Service) ReadScreening(posted map[string][]string, f Facts) (Answers, []fault.Field) {
	p := s.screeningPage()
	w := &walked{scope: s.scope(&f), answer: Answers{}, seen: map[string]bool{}, right: map[string]Rows{}}
	fields := unknownNames(p.questions, "", posted)
	out := Answers{}
	says := &sayings{w: w}
	for _, q := range p.questions {
		if !w.asked(q) {
			continue
		}
		v, bad := w.posted(q, posted, nil)
		before := len(w.fields)
		seen := w.question(q, v, says)
		w.fields = append(w.fields[:before], merged(slices.Clone(w.fields[before:]), bad)...)
		if !seen.wrong && len(bad) == 0 && !empty(v) {
			out[q.Code] = v
		}
	}
	return out, append(fields, w.fields...)
}

func (s *Service) screeningPage() *page {
	p := &page{Page: Page{Code: "eligibility"}}
	for i := range s.pack.Eligibility.Questions {
		if q := s.screening[s.pack.Eligibility.Questions[i].Code]; q != nil {
			p.questions = append(p.questions, q)
		}
	}
	return p
}

// Carried returns the answers to questions of eligibility that the form asks too, so that nobody is asked twice.
func (s *Service) Carried(a Answers) Answers {
	out := Answers{}
	for code, v := range a {
		if s.screening[code] != nil && s.questions[code] != nil {
			out[code] = v
		}
	}
	return out
}

// Need is a document that is needed, with how that is known.
type Need struct {
	Document  *Document
	Needed    bool // with the answers so far
	Undecided bool // it hangs on answers that are not there
}

// Needs returns the documents with whether they are needed, in the order of the pack.
func (s *Service) Needs(a Answers, f Facts) []Need {
	w := s.walk(a, &f, false)
	var out []Need
	for i := range s.pack.Documents {
		d := &s.pack.Documents[i]
		n := Need{Document: d, Needed: true}
		if q := s.questions[d.Code]; q != nil && q.needed != nil {
			v, known, _ := w.value(q.needed)
			n.Needed, n.Undecided = known && v == true, !known
		}
		out = append(out, n)
	}
	return out
}
