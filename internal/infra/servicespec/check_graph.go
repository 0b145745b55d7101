package servicespec

import (
	"fmt"
	"slices"
)

// graph finds states that no case reaches and states that no case leaves: of the case, and of each branch for itself.
func (c *checker) graph() {
	next, back := map[string][]string{}, map[string][]string{}
	edge := func(from, to string) { next[from], back[to] = append(next[from], to), append(back[to], from) }
	for _, a := range c.pack.Workflow.Actions {
		for _, from := range a.From {
			if c.s.states[from] != nil && c.s.states[a.To] != nil && c.s.states[from].Kind != StateEnd {
				edge(from, a.To)
			}
			if c.s.states[from] != nil && c.s.states[from].Kind == StateEnd && c.s.states[a.To] != nil {
				next[from] = append(next[from], a.To) // reopened: it can be reached so, but an end is an end
			}
		}
	}
	var ends []string
	c.pack.Workflow.Each(func(_ string, st *State, parent, branch string) {
		if st.Kind == StateEnd || st.Kind == StateDone {
			ends = append(ends, st.Code)
		}
		for _, b := range st.Branches {
			next[st.Code] = append(next[st.Code], b.Start)
		}
	})
	if !slices.ContainsFunc(c.pack.Workflow.States, func(st State) bool { return st.Kind == StateEnd }) {
		c.say("workflow.states", "end_missing")
		return
	}
	reached, leaves := spread(next, c.pack.Workflow.Start), spread(back, ends...)
	c.pack.Workflow.Each(func(at string, st *State, _, _ string) {
		if !reached[st.Code] {
			c.say(at, "state_unreachable", "code", st.Code)
		}
		if !leaves[st.Code] {
			c.say(at, "state_dead_end", "code", st.Code)
		}
	})
}

func spread(edges map[string][]string, from ...string) map[string]bool {
	seen := map[string]bool{}
	for len(from) > 0 {
		at := from[len(from)-1]
		from = from[:len(from)-1]
		if !seen[at] {
			seen[at] = true
			from = append(from, edges[at]...)
		}
	}
	return seen
}

// ways checks that what a state waits for can come: payment, the person, somebody of a role; and that never two things
// happen by themselves at once.
func (c *checker) ways() {
	by := map[string]map[string]bool{} // state → "paid", "citizen", "staff"
	for code := range c.s.states {
		by[code] = map[string]bool{}
	}
	c.automatic(by)
	charges := slices.ContainsFunc(c.pack.Workflow.Actions, func(a Action) bool { return a.Has(EffectDemand) })
	c.pack.Workflow.Each(func(at string, st *State, _, _ string) {
		charges = charges || st.Kind == StatePayment
		has := by[st.Code]
		switch {
		case st.Kind == StatePayment && !has[OnPaid]:
			c.say(at, "payment_stuck", "code", st.Code)
		case st.Kind == StatePayment && len(c.pack.Fees) == 0:
			c.say(at, "payment_of_nothing", "code", st.Code)
		case st.Kind == StateCitizen && !has[ByCitizen]:
			c.say(at, "citizen_stuck", "code", st.Code)
		case (st.Kind == StateWork || st.Kind == StateField) && !has[ByStaff] && !(has[OnOpinions] && st.surelyHeard()):
			c.say(at, "staff_stuck", "code", st.Code)
		}
	})
	if len(c.pack.Fees) > 0 && !charges {
		c.say("fees", "fees_unused")
	}
	c.unused()
}

// automatic collects who can act in each state, and finds two automatic ways at once.
func (c *checker) automatic(by map[string]map[string]bool) {
	taken := map[string]string{}
	for i, a := range c.pack.Workflow.Actions {
		for _, from := range a.From {
			if by[from] == nil {
				continue
			}
			by[from][a.By] = true
			if a.On == "" {
				continue
			}
			by[from][a.On] = true
			if a.By != BySystem || a.Guard != "" && a.On != OnTimer {
				continue
			}
			twin := from + " " + a.On
			if a.On == OnTimer {
				twin += " " + a.After
			}
			if other := taken[twin]; other != "" && (a.Guard == "" || c.s.Action(other).Guard == "") {
				c.say(fmt.Sprintf("workflow.actions.%d.on", i), "event_twice", "event", a.On, "other", other, "state", from)
			}
			taken[twin] = a.Code
		}
	}
}

// unused finds certificates, letters, records and reasons that no action uses.
func (c *checker) unused() {
	issued := map[string]bool{}
	reasons := map[string]bool{}
	for _, a := range c.pack.Workflow.Actions {
		for _, e := range a.Effect {
			issued[e] = true
		}
		for _, r := range a.Reasons {
			reasons[r] = true
		}
	}
	check := func(at, effect, of, code string) {
		if !issued[effect] && !issued[effect+":"+of] {
			c.say(at, code, "code", of)
		}
	}
	for i, x := range c.pack.Certificates {
		check(fmt.Sprintf("certificates.%d", i), EffectCertificate, x.Type, "certificate_unused")
	}
	for i, x := range c.pack.Letters {
		check(fmt.Sprintf("letters.%d", i), EffectLetter, x.Code, "letter_unused")
	}
	for i, x := range c.pack.Records {
		check(fmt.Sprintf("records.%d", i), EffectRecord, x.Registry, "record_unused")
	}
	for i, x := range c.pack.Workflow.Reasons {
		if !reasons[x.Code] {
			c.say(fmt.Sprintf("workflow.reasons.%d", i), "reason_unused", "code", x.Code)
		}
	}
}
