package servicespec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"digit/internal/infra/platform/rule"
)

// workflow checks states and actions, each for itself and as a graph, and compiles the guards.
func (c *checker) workflow(s *Service) {
	w := c.pack.Workflow
	states := map[string]*State{}
	seen := map[string]bool{}
	for i := range w.States {
		st := &w.States[i]
		at := fmt.Sprintf("workflow.states.%d", i)
		c.slug(at+".code", st.Code)
		c.one(at+".code", st.Code, seen)
		c.state(at, st)
		states[st.Code] = st
	}
	switch {
	case len(w.States) == 0:
		c.say("workflow.states", "states_missing", "The workflow has no states.")
		return
	case states[w.Start] == nil:
		c.say("workflow.start", "unknown_state", "There is no state %q to start in.", w.Start)
		return
	}
	actions := map[string]*Action{}
	seen = map[string]bool{}
	for i := range w.Actions {
		a := &w.Actions[i]
		at := fmt.Sprintf("workflow.actions.%d", i)
		c.slug(at+".code", a.Code)
		c.one(at+".code", a.Code, seen)
		c.action(at, a, states)
		if a.Guard != "" {
			if g := c.rule(c.answers, at+".guard", a.Guard, rule.Bool); g != nil {
				s.guards[a.Code] = g
			}
		}
		actions[a.Code] = a
	}
	c.separation(actions)
	c.graph(states)
	c.ways(states)
}

func (c *checker) state(at string, st *State) {
	c.text(at+".name", st.Name, true)
	c.text(at+".citizen_name", st.CitizenName, false)
	c.text(at+".citizen_text", st.CitizenText, false)
	c.oneOf(at+".kind", st.Kind, "work", "payment", "citizen", "field", "end")
	c.oneOf(at+".clock", st.Clock, "run", "pause", "stop")
	inbox := st.Kind == "work" || st.Kind == "field"
	if inbox && st.Role == "" {
		c.say(at+".role", "role_missing", "Say whose inbox the case is in: a state of kind %s needs a role.", st.Kind)
	}
	if st.Role != "" && !slug.MatchString(st.Role) {
		c.say(at+".role", "code_malformed", "%q is no role.", st.Role)
	}
	if st.Kind == "end" {
		c.oneOf(at+".outcome", st.Outcome, "approved", "rejected", "withdrawn")
	} else if st.Outcome != "" {
		c.say(at+".outcome", "outcome_unused", "Only a state of kind end has an outcome.")
	}
	if st.Target != "" {
		if _, err := ParseWithin(st.Target); err != nil {
			c.say(at+".target", "target_malformed", "%q is no working time; write \"2 working days\" or \"4 working hours\".", st.Target)
		}
	}
}

func (c *checker) action(at string, a *Action, states map[string]*State) {
	from, to := states[a.From], states[a.To]
	if from == nil {
		c.say(at+".from", "unknown_state", "There is no state %q.", a.From)
	} else if from.Kind == "end" {
		c.say(at+".from", "action_after_end", "No action leads out of the end %q.", a.From)
	}
	if to == nil {
		c.say(at+".to", "unknown_state", "There is no state %q.", a.To)
	}
	c.text(at+".name", a.Name, true)
	c.oneOf(at+".by", a.By, "staff", "citizen", "system")
	c.oneOf(at+".comment", a.Comment, "none", "optional", "required")
	c.oneOf(at+".style", a.Style, "primary", "secondary", "warning")
	if a.Role != "" && !slug.MatchString(a.Role) {
		c.say(at+".role", "code_malformed", "%q is no role.", a.Role)
	}
	if a.By == "staff" && a.Role == "" {
		c.say(at+".role", "role_missing", "Say which role may take the action.")
	}
	if a.By != "staff" && a.Role != "" {
		c.say(at+".role", "role_unused", "Only staff have roles.")
	}
	c.event(at, a)
	seen := map[string]bool{}
	for i, item := range a.Checklist {
		iAt := fmt.Sprintf("%s.checklist.%d", at, i)
		c.slug(iAt+".code", item.Code)
		c.one(iAt+".code", item.Code, seen)
		c.text(iAt+".label", item.Label, true)
	}
	for i, e := range a.Effect {
		c.effect(fmt.Sprintf("%s.effect.%d", at, i), e)
	}
}

func (c *checker) event(at string, a *Action) {
	c.oneOf(at+".on", a.On, "", "paid", "submitted", "timer")
	switch {
	case a.By == "system" && a.On == "":
		c.say(at+".on", "event_missing", "Say which event takes the action: paid, submitted or timer.")
	case a.By == "staff" && a.On != "":
		c.say(at+".on", "event_unused", "Staff take actions themselves; leave the event out or let the system take it.")
	case a.By == "citizen" && a.On != "" && a.On != "submitted":
		c.say(at+".on", "event_unused", "A person takes an action by a button, or by sending the form in again (submitted).")
	}
	if a.On == "timer" {
		if _, err := ParseWithin(a.After); err != nil {
			c.say(at+".after", "target_malformed", "Say after which working time the timer goes off, such as \"10 working days\".")
		}
	} else if a.After != "" {
		c.say(at+".after", "event_unused", "Only an action on the timer waits.")
	}
}

func (c *checker) effect(at, effect string) {
	c.oneOf(at, effect, "issue_certificate", "request_correction", "raise_demand", "record")
	switch {
	case effect == "issue_certificate" && c.pack.Certificate == nil:
		c.say(at, "certificate_missing", "The service describes no certificate to issue.")
	case effect == "record" && c.pack.Registry == nil:
		c.say(at, "registry_missing", "The service describes no record to write.")
	case effect == "raise_demand" && len(c.pack.Fees) == 0:
		c.say(at, "fees_missing", "The service has no fees to demand.")
	}
}

// separation checks that duties are separated from an action that somebody takes.
func (c *checker) separation(actions map[string]*Action) {
	for i, a := range c.pack.Workflow.Actions {
		if a.SeparateFrom == "" {
			continue
		}
		at := fmt.Sprintf("workflow.actions.%d.separate_from", i)
		other := actions[a.SeparateFrom]
		switch {
		case other == nil:
			c.say(at, "unknown_action", "There is no action %q.", a.SeparateFrom)
		case other.Code == a.Code:
			c.say(at, "separation_void", "An action cannot be separated from itself.")
		case other.By != "staff" || a.By != "staff":
			c.say(at, "separation_void", "Duties are separated between actions that staff take.")
		}
	}
}

// graph finds states that no case reaches and states that no case leaves.
func (c *checker) graph(states map[string]*State) {
	next, back := map[string][]string{}, map[string][]string{}
	for _, a := range c.pack.Workflow.Actions {
		if states[a.From] != nil && states[a.To] != nil {
			next[a.From] = append(next[a.From], a.To)
			back[a.To] = append(back[a.To], a.From)
		}
	}
	var ends []string
	for code, st := range states {
		if st.Kind == "end" {
			ends = append(ends, code)
		}
	}
	if len(ends) == 0 {
		c.say("workflow.states", "end_missing", "No state is an end.")
		return
	}
	reached, leaves := spread(next, c.pack.Workflow.Start), spread(back, ends...)
	for i, st := range c.pack.Workflow.States {
		at := fmt.Sprintf("workflow.states.%d", i)
		if !reached[st.Code] {
			c.say(at, "state_unreachable", "No case ever comes to the state %q.", st.Code)
		}
		if !leaves[st.Code] {
			c.say(at, "state_dead_end", "From the state %q a case never comes to an end.", st.Code)
		}
	}
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

// ways checks that what a state waits for can come: payment, the person, somebody of a role.
func (c *checker) ways(states map[string]*State) {
	by := map[string]map[string]bool{} // state → "paid", "citizen", "staff"
	for code := range states {
		by[code] = map[string]bool{}
	}
	events := map[string]bool{}
	issues, charges := false, false
	for i, a := range c.pack.Workflow.Actions {
		if by[a.From] == nil {
			continue
		}
		by[a.From][a.By] = true
		if a.On != "" {
			by[a.From][a.On] = true
			if twin := a.From + " " + a.On; a.By == "system" && a.Guard == "" {
				if events[twin] {
					c.say(fmt.Sprintf("workflow.actions.%d.on", i), "event_twice", "Another action takes the event %q in this state; give one of them a guard.", a.On)
				}
				events[twin] = true
			}
		}
		issues = issues || slices.Contains(a.Effect, "issue_certificate")
		charges = charges || slices.Contains(a.Effect, "raise_demand")
	}
	for i, st := range c.pack.Workflow.States {
		at := fmt.Sprintf("workflow.states.%d", i)
		charges = charges || st.Kind == "payment"
		switch {
		case st.Kind == "payment" && !by[st.Code]["paid"]:
			c.say(at, "payment_stuck", "No action takes the event paid in the state %q.", st.Code)
		case st.Kind == "payment" && len(c.pack.Fees) == 0:
			c.say(at, "fees_missing", "The state %q waits for a payment, but the service has no fees.", st.Code)
		case st.Kind == "citizen" && !by[st.Code]["citizen"]:
			c.say(at, "citizen_stuck", "The person can do nothing in the state %q.", st.Code)
		case (st.Kind == "work" || st.Kind == "field") && !by[st.Code]["staff"]:
			c.say(at, "staff_stuck", "Staff can do nothing in the state %q.", st.Code)
		}
	}
	if c.pack.Certificate != nil && !issues {
		c.say("certificate", "certificate_unused", "No action issues the certificate (effect issue_certificate).")
	}
	if len(c.pack.Fees) > 0 && !charges {
		c.say("fees", "fees_unused", "The fees are never demanded: there is no state of kind payment and no effect raise_demand.")
	}
}

var noticeEvents = []string{"submitted", "paid", "correction", "approved", "rejected", "withdrawn", "reminder"}

var noticeFields = []string{"reference", "service", "state", "link", "name"}

// notices checks the messages to the person.
func (c *checker) notices() {
	for i, n := range c.pack.Notices {
		at := fmt.Sprintf("notices.%d", i)
		if state, ok := strings.CutPrefix(n.On, "state:"); ok {
			if !slices.ContainsFunc(c.pack.Workflow.States, func(st State) bool { return st.Code == state }) {
				c.say(at+".on", "unknown_state", "There is no state %q.", state)
			}
		} else {
			c.oneOf(at+".on", n.On, append(slices.Clone(noticeEvents), "state:<code>")...)
		}
		if len(n.Channel) == 0 {
			c.say(at+".channel", "channel_missing", "Say by which channel to send: sms, email, portal.")
		}
		for j, ch := range n.Channel {
			c.oneOf(fmt.Sprintf("%s.channel.%d", at, j), ch, "sms", "email", "portal")
		}
		c.text(at+".subject", n.Subject, slices.Contains(n.Channel, "email"))
		c.text(at+".text", n.Text, true)
		c.mergeFields(at+".subject", n.Subject, noticeFields)
		c.mergeFields(at+".text", n.Text, noticeFields)
	}
}

// certificate checks and compiles what is issued and recorded.
func (c *checker) certificate(s *Service) {
	if cert := c.pack.Certificate; cert != nil {
		c.slug("certificate.type", cert.Type)
		c.text("certificate.title", cert.Title, true)
		c.text("certificate.body", cert.Body, true)
		if cert.ValidDays < 0 || cert.ValidDays > 36_600 {
			c.say("certificate.valid_days", "out_of_range", "A certificate is valid for up to 36600 days; leave it out for good.")
		}
		if len(cert.Claims) == 0 {
			c.say("certificate.claims", "claims_missing", "The certificate certifies nothing.")
		}
		s.claims = c.claims("certificate.claims", cert.Claims)
		names := slices.Sorted(maps.Keys(extras))
		for _, cl := range cert.Claims {
			names = append(names, cl.Name)
		}
		c.mergeFields("certificate.title", cert.Title, names)
		c.mergeFields("certificate.body", cert.Body, names)
	}
	if r := c.pack.Registry; r != nil {
		c.slug("registry.registry", r.Registry)
		s.recordKey = c.rule(c.documents, "registry.key", r.Key, rule.String)
		s.record = c.claims("registry.fields", r.Fields)
	}
}

func (c *checker) claims(at string, claims []Claim) []*rule.Program {
	seen := map[string]bool{}
	out := make([]*rule.Program, len(claims))
	for i, cl := range claims {
		cAt := fmt.Sprintf("%s.%d", at, i)
		c.one(cAt+".name", cl.Name, seen)
		if !rule.Identifier(cl.Name) {
			c.say(cAt+".name", "code_malformed", "%q cannot name a claim: use lower-case letters, digits and underscores.", cl.Name)
		}
		c.text(cAt+".label", cl.Label, true)
		if cl.From == "" {
			c.say(cAt+".from", "source_missing", "Say where the claim %q comes from.", cl.Name)
			continue
		}
		out[i] = c.rule(c.documents, cAt+".from", cl.From, rule.Any)
	}
	return out
}
