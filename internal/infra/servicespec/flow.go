package servicespec

import (
	"slices"
	"strings"
)

// StateOf returns the state of that code, one of a branch too; nil if there is none.
func (s *Service) StateOf(code string) *State { return s.states[code] }

// BranchOf returns the parallel state and the branch that a state belongs to; "" for a state of the case itself.
func (s *Service) BranchOf(state string) (parent, branch string) {
	at := s.branchOf[state]
	return at.parent, at.branch
}

// Branches returns the branches of a parallel state that a case goes: those without condition and those whose condition
// holds.
func (s *Service) Branches(state string, a Answers, f Facts) []Branch {
	st := s.states[state]
	if st == nil {
		return nil
	}
	var sc *scope
	var out []Branch
	for _, b := range st.Branches {
		u := s.branches[state+"."+b.Code]
		if u != nil && sc == nil {
			sc = s.walk(a, &f, false).scope
		}
		if u == nil || sc.holds(u) {
			out = append(out, b)
		}
	}
	return out
}

// Joined reports whether a parallel state is joined when so many of its branches are done.
func (st *State) Joined(done, branches int) bool { return done >= st.needed(branches) }

func (st *State) needed(branches int) int {
	switch st.Join {
	case JoinAny:
		return min(1, branches)
	case JoinAll, "":
		return branches
	}
	return min(joinNumber(st.Join), branches)
}

func joinNumber(join string) int {
	n := 0
	for _, r := range join {
		if r < '0' || r > '9' || n > 1000 {
			return 0
		}
		n = n*10 + int(r-'0')
	}
	return n
}

// Action returns the action of that code; nil if there is none.
func (s *Service) Action(code string) *Action {
	for i := range s.pack.Workflow.Actions {
		if a := &s.pack.Workflow.Actions[i]; a.Code == code {
			return a
		}
	}
	return nil
}

// ActionsFrom returns the actions that lead out of a state, in the order of the pack.
func (s *Service) ActionsFrom(state string) []Action {
	var out []Action
	for _, a := range s.pack.Workflow.Actions {
		if a.From.Has(state) {
			out = append(out, a)
		}
	}
	return out
}

// Reason returns a coded reason; nil if there is none.
func (s *Service) Reason(code string) *Reason {
	for i := range s.pack.Workflow.Reasons {
		if r := &s.pack.Workflow.Reasons[i]; r.Code == code {
			return r
		}
	}
	return nil
}

// Guard reports whether an action's guard lets it be taken. An unknown action may not be; a guard that is
// undecided or fails to calculate holds the action back.
func (s *Service) Guard(action string, a Answers, f Facts) bool {
	held, _ := s.guard(action, a, f, nil)
	return held
}

// TracedGuard is Guard with the decision.
func (s *Service) TracedGuard(action string, a Answers, f Facts) (bool, []Because) {
	var log []Because
	return s.guard(action, a, f, &log)
}

func (s *Service) guard(action string, a Answers, f Facts, log *[]Because) (bool, []Because) {
	if s.Action(action) == nil {
		return false, nil
	}
	g, ok := s.guards[action]
	if !ok {
		return true, nil
	}
	sc := s.walk(a, &f, false).scope
	sc.log = log
	held := sc.holds(g)
	if log == nil {
		return held, nil
	}
	return held, *log
}

// ChecklistOf returns what must be made sure of before an action of this case.
func (s *Service) ChecklistOf(action string, a Answers, f Facts) []ChecklistItem {
	act := s.Action(action)
	if act == nil {
		return nil
	}
	var sc *scope
	var out []ChecklistItem
	for i, item := range act.Checklist {
		var u *use
		if uses := s.checks[action]; i < len(uses) {
			u = uses[i]
		}
		if u != nil && sc == nil {
			sc = s.walk(a, &f, false).scope
		}
		if u == nil || sc.holds(u) {
			out = append(out, item)
		}
	}
	return out
}

// CheckFindings checks what staff found out for an action and returns it clean, with what is wrong.
func (s *Service) CheckFindings(action string, found, a Answers, f Facts) (Answers, []FieldFault) {
	act := s.Action(action)
	if act == nil {
		return nil, nil
	}
	w := s.walk(a, &f, false)
	w.fields = nil
	out := Answers{}
	says := &sayings{w: w}
	for i := range act.Questions {
		q := s.findings[act.Questions[i].Code]
		if q == nil || !w.holds(q.when) {
			continue
		}
		if seen := w.question(q, found[q.Code], says); !seen.wrong && !empty(found[q.Code]) {
			out[q.Code] = found[q.Code]
		}
	}
	return out, w.fields
}

// AssignmentOf returns to whom the work of a state goes in this case; nil where it waits for whoever takes it.
func (s *Service) AssignmentOf(state string, a Answers, f Facts) *Assignment {
	st := s.states[state]
	if st == nil || st.Assign == nil {
		return nil
	}
	if u := s.assignments[state]; u != nil && !s.walk(a, &f, false).holds(u) {
		return nil
	}
	return st.Assign
}

// Promise returns the target of a case with these answers: the first of the cases whose condition holds, or the service's.
func (s *Service) Promise(a Answers, f Facts) Target {
	t := s.pack.Target
	if len(t.Cases) == 0 {
		return t
	}
	sc := s.walk(a, &f, false).scope
	for i, c := range t.Cases {
		if sc.holds(s.promises[i]) {
			t.WorkingDays, t.WorkingHours = c.WorkingDays, c.WorkingHours
			break
		}
	}
	return t
}

// Effect takes an effect apart: issue_certificate:residence is of kind issue_certificate, for residence.
func Effect(effect string) (kind, of string) {
	kind, of, _ = strings.Cut(effect, ":")
	return kind, of
}

// Has reports whether an action brings an effect about, for whatever.
func (a *Action) Has(effect string) bool {
	return slices.ContainsFunc(a.Effect, func(e string) bool { kind, _ := Effect(e); return kind == effect })
}

// DemandsLater reports whether the service says itself at which step it asks for money; otherwise it does at receipt.
func (s *Service) DemandsLater() bool {
	return slices.ContainsFunc(s.pack.Workflow.Actions, func(a Action) bool { return a.Has(EffectDemand) })
}
