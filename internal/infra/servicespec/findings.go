package servicespec

import "digit/internal/infra/platform/fault"

// FindingsPage returns what an action asks of staff, as a page of a form; found are the answers so far.
func (s *Service) FindingsPage(action string, found, a Answers, f Facts) PageView {
	act := s.Action(action)
	if act == nil {
		return PageView{}
	}
	w := s.walk(a, &f, true)
	says := &sayings{w: w}
	view := PageView{Code: action, Title: act.Name, Complete: true, says: says}
	for i := range act.Questions {
		q := s.findings[act.Questions[i].Code]
		if q == nil || !w.holds(q.when) {
			continue
		}
		seen := w.question(q, found[q.Code], says)
		view.Complete = view.Complete && !seen.wrong
		view.Questions = append(view.Questions, seen.QuestionView)
	}
	return view
}

// ReadFindings takes in what staff typed into an action's questions, by the names that Read knows. It returns the right answers and what is
// wrong with the others.
func (s *Service) ReadFindings(action string, posted map[string][]string, a Answers, f Facts) (Answers, []fault.Field) {
	act := s.Action(action)
	if act == nil {
		return nil, nil
	}
	w := s.walk(a, &f, false)
	w.fields = nil
	says := &sayings{w: w}
	out := Answers{}
	for i := range act.Questions {
		q := s.findings[act.Questions[i].Code]
		if q == nil || !w.holds(q.when) {
			continue
		}
		v, bad := w.posted(q, posted, Answers{})
		before := len(w.fields)
		seen := w.question(q, v, says)
		w.fields = append(w.fields[:before], merged(w.fields[before:], bad)...)
		if !seen.wrong && len(bad) == 0 && !empty(v) {
			out[q.Code] = v
		}
	}
	return out, w.fields
}

// Finding returns a question that some action asks of staff; nil if there is none.
func (s *Service) Finding(code string) *Question {
	if q := s.findings[code]; q != nil {
		return &q.Question
	}
	return nil
}
