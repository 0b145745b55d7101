package servicespec

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"digit/internal/infra/platform/calendar"
)

// OpinionCodes returns the codes of all opinions that states ask for, in the order of the pack.
func (w *Workflow) OpinionCodes() (codes []string) {
	w.Each(func(_ string, st *State, _, _ string) {
		for _, o := range st.Opinions {
			codes = append(codes, o.Code)
		}
	})
	return codes
}

// opinionName is the name under which rules see what another agency answered.
func opinionName(code string) string { return "opinion." + strings.ReplaceAll(code, "-", "_") }

// opinionOptions are what rules can compare an opinion with.
func opinionOptions() (out []Option) {
	for _, code := range append(Opinions(), OpinionSilent) {
		out = append(out, Option{Code: code})
	}
	return out
}

// Opinion returns the opinion of that code; nil if no state asks for it.
func (s *Service) Opinion(code string) *Opinion {
	for _, st := range s.states {
		for i := range st.Opinions {
			if st.Opinions[i].Code == code {
				return &st.Opinions[i]
			}
		}
	}
	return nil
}

// OpinionsOf returns the opinions that a state asks for in this case: those without condition and those whose condition holds.
func (s *Service) OpinionsOf(state string, a Answers, f Facts) (out []Opinion) {
	st := s.states[state]
	if st == nil {
		return nil
	}
	var sc *scope
	for _, o := range st.Opinions {
		u := s.opinions[o.Code]
		if u != nil && sc == nil {
			sc = s.walk(a, &f, false).scope
		}
		if u == nil || sc.holds(u) {
			out = append(out, o)
		}
	}
	return out
}

// Heard reports whether enough of the opinions that a state asks for in this case are there.
func (s *Service) Heard(state string, a Answers, f Facts) bool {
	st := s.states[state]
	if st == nil || len(st.Opinions) == 0 {
		return false
	}
	asked, given := s.OpinionsOf(state, a, f), 0
	for _, o := range asked {
		if f.Case != nil && f.Case.Opinions[o.Code] != "" {
			given++
		}
	}
	return st.Joined(given, len(asked))
}

// ShownTo returns the answers that the agency sees that is asked for an opinion. What is asked in the form and is not there is
// not shown, and no more are the answers to questions that the form does not ask of this person.
func (s *Service) ShownTo(o *Opinion, a Answers, f Facts) Answers {
	asked, out := s.Clean(a, f), Answers{}
	values := s.Values(asked, f)
	for _, code := range o.Shows {
		if v, ok := asked[code]; ok {
			out[code] = v
		} else if q := s.questions[code]; q != nil && q.Kind == KindComputed && values[code] != nil {
			out[code] = values[code]
		}
	}
	return out
}

// Digest tells answers that another agency was shown from others.
func (a Answers) Digest() string {
	data, err := json.Marshal(a)
	if err != nil {
		panic(err) // answers are plain data
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// DueFrom returns until when an opinion is due that is asked for at a moment.
func (o *Opinion) DueFrom(asked time.Time, cal calendar.Calendar) time.Time {
	return after(cal, asked, o.Due)
}

// Asks reports whether a state asks for an opinion of that code, whatever its condition.
func (st *State) Asks(opinion string) bool {
	return slices.ContainsFunc(st.Opinions, func(o Opinion) bool { return o.Code == opinion })
}

// surelyHeard reports whether the opinions of a state are there sooner or later, whatever the agencies do.
func (st *State) surelyHeard() bool {
	return !slices.ContainsFunc(st.Opinions, func(o Opinion) bool { return o.Late != LateConsent })
}

// Keeps reports whether opinions that were asked for in a state and are not there yet still are waited for, where the case is in
// these states: it is there still, or waits for the person and may come back.
func (s *Service) Keeps(asked string, where []string) bool {
	return slices.ContainsFunc(where, func(code string) bool {
		st := s.states[code]
		return code == asked || st != nil && (st.Kind == StateCitizen || st.Kind == StatePayment)
	})
}
