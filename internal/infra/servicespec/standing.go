package servicespec

import (
	"maps"
	"slices"
	"strings"
	"time"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
)

// Standing is where a case stands, as far as what happens by itself depends on it. Simulations and running cases both ask
// Automatic and Moments, so that they come out the same.
type Standing struct {
	State    string
	Branches map[string]string    // state by branch, those that are done too; empty unless State is parallel
	Entered  map[string]time.Time // when it came into each of the states where it is
	Paid     bool                 // nothing is left to pay
	Ended    bool
	Fired    map[string]bool // escalations that were, by FiredKey
	Promise  time.Time       // zero: none, or its clock stands
	Now      time.Time
	Calendar calendar.Calendar
}

// FiredKey names an escalation of a state among all of a service.
func FiredKey(state, escalation string) string { return state + " " + escalation }

// Where returns the states from which something can be done: that of the case, and those of its branches that are not done.
func (s *Service) Where(at Standing) []string {
	in := []string{at.State}
	for _, b := range slices.Sorted(maps.Keys(at.Branches)) {
		if st := s.states[at.Branches[b]]; st != nil && st.Kind != StateDone {
			in = append(in, st.Code)
		}
	}
	return in
}

// Joins reports whether enough branches of the state in which the case is are done.
func (s *Service) Joins(at Standing) bool {
	st := s.states[at.State]
	if st == nil || st.Kind != StateParallel {
		return false
	}
	done := 0
	for _, code := range at.Branches {
		if b := s.states[code]; b != nil && b.Kind == StateDone {
			done++
		}
	}
	return st.Joined(done, len(at.Branches))
}

// Automatic returns the action of the system that is taken now, the first in the order of the pack: nothing is left to pay,
// enough branches are done or opinions there, a condition has become true, the time in a state is over. Its guard holds. nil: nothing happens.
func (s *Service) Automatic(at Standing, a Answers, f Facts) *Action {
	if at.Ended {
		return nil
	}
	where := s.Where(at)
	for i := range s.pack.Workflow.Actions {
		act := &s.pack.Workflow.Actions[i]
		if act.By != BySystem || !slices.ContainsFunc(where, act.From.Has) || !s.happens(act, at, where, a, f) {
			continue
		}
		if s.Guard(act.Code, a, f) {
			return act
		}
	}
	return nil
}

// happens reports whether what an action of the system waits for is there.
func (s *Service) happens(act *Action, at Standing, where []string, a Answers, f Facts) bool {
	switch act.On {
	case OnPaid:
		return at.Paid
	case OnJoined:
		return act.From.Has(at.State) && s.Joins(at)
	case OnOpinions:
		return slices.ContainsFunc(where, func(st string) bool { return act.From.Has(st) && s.Heard(st, a, f) })
	case OnCondition:
		return true
	case OnTimer:
		return slices.ContainsFunc(where, func(st string) bool {
			return act.From.Has(st) && !after(at.Calendar, at.Entered[st], act.After).After(at.Now)
		})
	}
	return false
}

// Moment is when something happens by itself in a state that lasts: an action of the system is taken, or the state escalates.
type Moment struct {
	At         time.Time
	State      string
	Action     *Action     // nil: an escalation
	Escalation *Escalation // nil: an action
}

// Moments returns what happens by itself as time goes on, past moments too, without looking at guards: actions in the order
// of the pack, then escalations that were not yet.
func (s *Service) Moments(at Standing) (all []Moment) {
	if at.Ended {
		return nil
	}
	where := s.Where(at)
	for i := range s.pack.Workflow.Actions {
		a := &s.pack.Workflow.Actions[i]
		for _, st := range where {
			if a.By == BySystem && a.On == OnTimer && a.From.Has(st) {
				all = append(all, Moment{At: after(at.Calendar, at.Entered[st], a.After), State: st, Action: a})
			}
		}
	}
	for _, code := range where {
		st := s.states[code]
		for i := range st.Escalate {
			e := &st.Escalate[i]
			if !at.Fired[FiredKey(code, e.Code)] && (e.After != "" || !at.Promise.IsZero()) {
				all = append(all, Moment{At: at.escalates(code, e), State: code, Escalation: e})
			}
		}
	}
	return all
}

// escalates returns when a state escalates.
func (at Standing) escalates(state string, e *Escalation) time.Time {
	if e.After != "" {
		return after(at.Calendar, at.Entered[state], e.After)
	}
	w, err := ParseWithin(e.Before)
	if err != nil { // a compiled service has none
		return at.Promise
	}
	if w.Days > 0 {
		zone := at.Calendar.Zone
		if zone == nil {
			zone = time.UTC
		}
		day := world{&Facts{Calendar: &at.Calendar}}.AddWorkingDays(civil.Of(at.Promise.In(zone)), -w.Days)
		return at.Calendar.AddDays(day.In(zone), 0)
	}
	left := at.Calendar.Between(at.Now, at.Promise) - time.Duration(w.Hours)*time.Hour
	return at.Calendar.Add(at.Now, left)
}

// after returns when a length of working time from a moment is over.
func after(cal calendar.Calendar, from time.Time, within string) time.Time {
	w, err := ParseWithin(within)
	if err != nil {
		return from
	}
	if w.Days > 0 {
		return cal.AddDays(from, w.Days)
	}
	return cal.Add(from, time.Duration(w.Hours)*time.Hour)
}

// InTime reports whether an action of a case that is over can still be taken: the time for it runs from the end.
func (a *Action) InTime(ended, now time.Time, cal calendar.Calendar) bool {
	return a.Within == "" || !ended.IsZero() && !now.After(after(cal, ended, a.Within))
}

// Until returns until when an action of a case that is over can be taken; ended is when it was.
func (a *Action) Until(ended time.Time, cal calendar.Calendar) time.Time {
	return after(cal, ended, a.Within)
}

// What an action means, as far as programs look at it.
const (
	KindWithdraw = "withdraw"
	KindReopen   = "reopen"
	KindAppeal   = "appeal"
)

// Takes reports whether a file of a media type may be attached; any may where the service names none.
func (d ActionFile) Takes(media string) bool {
	media, _, _ = strings.Cut(strings.ToLower(media), ";")
	return len(d.Accept) == 0 || slices.ContainsFunc(d.Accept, func(a string) bool { return mediaMatches(a, strings.TrimSpace(media)) })
}

// RoleFor returns whose an action is where an escalation has given the work of the state to another role: theirs, unless the
// action names a role of its own.
func (a *Action) RoleFor(st *State, given string) string {
	if st != nil && given != "" && a.Role == st.Role {
		return given
	}
	return a.Role
}
