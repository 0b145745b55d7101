package servicespec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/rule"
)

// workflow checks states and actions, each for itself and as a graph, and compiles their rules.
func (c *checker) workflow() {
	w := &c.pack.Workflow
	seen := map[string]bool{}
	w.Each(func(at string, st *State, parent, branch string) {
		c.slug(at+".code", st.Code)
		c.one(at+".code", st.Code, seen)
		c.state(at, st, parent)
		c.s.states[st.Code] = st
		if parent != "" {
			c.s.branchOf[st.Code] = branchAt{parent, branch}
		}
	})
	c.reasons()
	switch start := c.s.states[w.Start]; {
	case len(w.States) == 0:
		c.say("workflow.states", "states_missing")
		return
	case start == nil, c.s.branchOf[w.Start].parent != "":
		c.say("workflow.start", "state_unknown", "code", w.Start)
		return
	}
	actions := map[string]*Action{}
	seen = map[string]bool{}
	for i := range w.Actions {
		a := &w.Actions[i]
		at := fmt.Sprintf("workflow.actions.%d", i)
		c.slug(at+".code", a.Code)
		c.one(at+".code", a.Code, seen)
		c.action(at, a)
		actions[a.Code] = a
	}
	c.separation(actions)
	opinions := map[string]bool{}
	w.Each(func(at string, st *State, _, _ string) {
		c.branches(at, st)
		c.opinions(at, st, opinions)
		c.escalations(at, st, actions)
		c.assignment(at, st, actions)
	})
	c.graph()
	c.ways()
}

func (c *checker) state(at string, st *State, parent string) {
	c.text(at+".name", st.Name, true)
	c.text(at+".citizen_name", st.CitizenName, false)
	c.text(at+".citizen_text", st.CitizenText, false)
	c.oneOf(at+".kind", st.Kind, StateWork, StateField, StatePayment, StateCitizen, StateParallel, StateDone, StateEnd)
	c.oneOf(at+".clock", st.Clock, "run", "pause", "stop")
	inbox := st.Kind == StateWork || st.Kind == StateField
	if inbox && st.Role == "" {
		c.say(at+".role", "role_missing", "kind", st.Kind)
	}
	if st.Role != "" {
		c.role(at+".role", st.Role)
	}
	if st.WarnPercent < 0 || st.WarnPercent > 100 {
		c.say(at+".warn_percent", "out_of_range", "min", 1, "max", 100)
	}
	c.within(at+".target", st.Target)
	switch st.Kind {
	case StateEnd:
		c.oneOf(at+".outcome", st.Outcome, "approved", "rejected", "withdrawn")
	case StateDone:
		c.slug(at+".outcome", st.Outcome)
	default:
		if st.Outcome != "" {
			c.say(at+".outcome", "outcome_unused")
		}
	}
	switch {
	case parent != "" && (st.Kind == StateParallel || st.Kind == StateEnd || st.Kind == StatePayment || st.Kind == StateCitizen):
		c.say(at+".kind", "state_not_in_branch", "kind", st.Kind)
	case parent == "" && st.Kind == StateDone:
		c.say(at+".kind", "done_outside_branch")
	}
	if st.Kind != StateParallel && (len(st.Branches) > 0 || st.Join != "" && len(st.Opinions) == 0) {
		c.say(at+".branches", "branches_unused")
	}
}

// within checks a length of working time, if there is one.
func (c *checker) within(at, s string) {
	if s == "" {
		return
	}
	if _, err := ParseWithin(s); err != nil {
		c.say(at, "working_time_malformed", "time", s)
	}
}

func (c *checker) reasons() {
	seen := map[string]bool{}
	for i, r := range c.pack.Workflow.Reasons {
		at := fmt.Sprintf("workflow.reasons.%d", i)
		c.slug(at+".code", r.Code)
		c.one(at+".code", r.Code, seen)
		c.text(at+".name", r.Name, true)
		c.text(at+".text", r.Text, false)
	}
}

// actionKinds are what an action can mean.
var actionKinds = []string{"", "approve", "reject", "send_back", "withdraw", "reopen", "appeal"}

func (c *checker) action(at string, a *Action) {
	c.leads(at, a)
	c.text(at+".name", a.Name, true)
	c.text(at+".message", a.Message, false)
	c.oneOf(at+".kind", a.Kind, actionKinds...)
	c.oneOf(at+".by", a.By, ByStaff, ByCitizen, BySystem)
	c.oneOf(at+".comment", a.Comment, "none", "optional", "required")
	c.oneOf(at+".style", a.Style, "primary", "secondary", "warning")
	if a.Role != "" {
		c.role(at+".role", a.Role)
	}
	if a.By == ByStaff && a.Role == "" {
		c.say(at+".role", "action_role_missing")
	}
	if a.By != ByStaff && a.Role != "" {
		c.say(at+".role", "role_unused")
	}
	c.event(at, a)
	for i, code := range a.Reasons {
		if c.s.Reason(code) == nil {
			c.say(fmt.Sprintf("%s.reasons.%d", at, i), "reason_unknown", "code", code)
		}
	}
	c.preparation(at, a)
	for i, e := range a.Effect {
		c.effect(fmt.Sprintf("%s.effect.%d", at, i), e)
	}
	if a.Guard != "" {
		if g := c.condition(c.case_, Subject{"action", a.Code, "allowed"}, at+".guard", a.Guard); g != nil {
			c.s.guards[a.Code] = g
		}
	}
}

// leads checks where an action comes from and goes to.
func (c *checker) leads(at string, a *Action) {
	to := c.s.states[a.To]
	if to == nil {
		c.say(at+".to", "state_unknown", "code", a.To)
	}
	if len(a.From) == 0 {
		c.say(at+".from", "action_from_nowhere")
	}
	seen := map[string]bool{}
	for _, code := range a.From {
		from := c.s.states[code]
		c.one(at+".from", code, seen)
		switch {
		case from == nil:
			c.say(at+".from", "state_unknown", "code", code)
		case from.Kind == StateDone:
			c.say(at+".from", "action_after_done", "code", code)
		case from.Kind == StateEnd && a.Kind != "reopen" && a.Kind != "appeal":
			c.say(at+".from", "action_after_end", "code", code)
		case from.Kind != StateEnd && (a.Kind == "reopen" || a.Kind == "appeal"):
			c.say(at+".from", "reopen_before_end", "code", code)
		case to != nil && c.s.branchOf[code] != c.s.branchOf[a.To] && c.s.branchOf[a.To].parent != "":
			c.say(at+".to", "into_a_branch", "code", a.To)
		case to != nil && c.s.branchOf[code] != c.s.branchOf[a.To]:
			c.say(at+".to", "out_of_a_branch", "code", code)
		}
	}
	again := a.Kind == "reopen" || a.Kind == "appeal"
	if again && a.Within == "" {
		c.say(at+".within", "within_missing")
	}
	if !again && a.Within != "" {
		c.say(at+".within", "within_unused")
	}
	c.within(at+".within", a.Within)
}

// preparation checks what staff must make sure of, attach and find out before an action.
func (c *checker) preparation(at string, a *Action) {
	seen := map[string]bool{}
	for i, item := range a.Checklist {
		iAt := fmt.Sprintf("%s.checklist.%d", at, i)
		c.slug(iAt+".code", item.Code)
		c.one(iAt+".code", item.Code, seen)
		c.text(iAt+".label", item.Label, true)
		if item.When != "" {
			if c.s.checks[a.Code] == nil {
				c.s.checks[a.Code] = make([]*use, len(a.Checklist))
			}
			c.s.checks[a.Code][i] = c.condition(c.case_, Subject{"checklist", a.Code + "." + item.Code, "shown"}, iAt+".when", item.When)
		}
	}
	seen = map[string]bool{}
	for i, d := range a.Documents {
		dAt := fmt.Sprintf("%s.documents.%d", at, i)
		c.slug(dAt+".code", d.Code)
		c.one(dAt+".code", d.Code, seen)
		c.text(dAt+".label", d.Label, true)
		for j, m := range d.Accept {
			if !mediaType.MatchString(m) {
				c.say(fmt.Sprintf("%s.accept.%d", dAt, j), "media_type_malformed", "type", m)
			}
		}
	}
	if a.By != ByStaff && len(a.Checklist)+len(a.Documents)+len(a.Questions)+len(a.Reasons) > 0 {
		c.say(at, "preparation_unused")
	}
	c.findings(at, a)
}

func (c *checker) findings(at string, a *Action) {
	codes := map[string]bool{}
	for i := range a.Questions {
		q := &a.Questions[i]
		qAt := fmt.Sprintf("%s.questions.%d", at, i)
		if slices.Contains([]string{KindGroup, KindFile, KindDocument, KindSignature, KindComputed}, q.Kind) {
			c.say(qAt+".kind", "kind_not_here", "kind", q.Kind)
			continue
		}
		if c.s.questions[q.Code] != nil {
			c.say(qAt+".code", "code_twice", "code", q.Code)
			continue
		}
		if other := c.s.findings[q.Code]; other != nil && other.Kind != q.Kind {
			c.say(qAt+".kind", "finding_differs", "code", q.Code)
			continue
		}
		c.s.findings[q.Code] = c.question(place{at: qAt, env: c.case_, codes: codes, free: true, asked: map[string]bool{}}, q)
	}
}

func (c *checker) event(at string, a *Action) {
	c.oneOf(at+".on", a.On, "", OnPaid, OnSubmitted, OnTimer, OnCondition, OnJoined, OnOpinions)
	switch {
	case a.By == BySystem && a.On == "" && !c.escalatesBy(a.Code):
		c.say(at+".on", "event_missing")
	case a.By == ByStaff && a.On != "":
		c.say(at+".on", "event_of_staff")
	case a.By == ByCitizen && a.On != "" && a.On != OnSubmitted:
		c.say(at+".on", "event_of_citizen")
	case a.On == OnCondition && a.Guard == "":
		c.say(at+".guard", "condition_missing")
	}
	if a.On == OnOpinions {
		for _, from := range a.From {
			if st := c.s.states[from]; st != nil && len(st.Opinions) == 0 {
				c.say(at+".on", "opinions_missing", "code", from)
			}
		}
	}
	if a.On == OnTimer {
		if _, err := ParseWithin(a.After); err != nil {
			c.say(at+".after", "working_time_malformed", "time", a.After)
		}
	} else if a.After != "" {
		c.say(at+".after", "after_unused")
	}
}

// escalatesBy reports whether an escalation takes an action.
func (c *checker) escalatesBy(action string) bool {
	found := false
	c.pack.Workflow.Each(func(_ string, st *State, _, _ string) {
		found = found || slices.ContainsFunc(st.Escalate, func(e Escalation) bool { return e.Action == action })
	})
	return found
}

func (c *checker) effect(at, effect string) {
	kind, of := Effect(effect)
	if !c.oneOf(at, kind, EffectCorrection, EffectDemand, EffectReassess, EffectCertificate, EffectLetter, EffectRecord) {
		return
	}
	has := map[string]bool{}
	switch kind {
	case EffectCertificate:
		for _, x := range c.pack.Certificates {
			has[x.Type] = true
		}
	case EffectLetter:
		for _, x := range c.pack.Letters {
			has[x.Code] = true
		}
	case EffectRecord:
		for _, x := range c.pack.Records {
			has[x.Registry] = true
		}
	default:
		if of != "" {
			c.say(at, "effect_of_nothing", "effect", kind)
		}
		if kind != EffectCorrection && len(c.pack.Fees) == 0 {
			c.say(at, "fees_missing")
		}
		return
	}
	if len(has) == 0 || of != "" && !has[of] {
		c.say(at, "output_missing", "effect", effect)
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
			c.say(at, "action_unknown", "code", a.SeparateFrom)
		case other.Code == a.Code:
			c.say(at, "separation_from_itself")
		case other.By != ByStaff || a.By != ByStaff:
			c.say(at, "separation_of_staff")
		}
	}
}

// branches checks that a parallel state has branches that begin and can be joined.
func (c *checker) branches(at string, st *State) {
	if st.Kind != StateParallel {
		return
	}
	if len(st.Branches) < 2 {
		c.say(at+".branches", "branches_missing")
	}
	c.join(at, st.Join, len(st.Branches))
	seen, conditional := map[string]bool{}, 0
	for i := range st.Branches {
		b := &st.Branches[i]
		bAt := fmt.Sprintf("%s.branches.%d", at, i)
		c.slug(bAt+".code", b.Code)
		c.one(bAt+".code", b.Code, seen)
		if !rule.Identifier(strings.ReplaceAll(b.Code, "-", "_")) {
			c.say(bAt+".code", "name_malformed", "name", b.Code)
		}
		c.text(bAt+".name", b.Name, true)
		if c.s.branchOf[b.Start] != (branchAt{st.Code, b.Code}) {
			c.say(bAt+".start", "state_unknown", "code", b.Start)
		}
		if b.When != "" {
			conditional++
			c.s.branches[st.Code+"."+b.Code] = c.condition(c.case_, Subject{"branch", b.Code, "taken"}, bAt+".when", b.When)
		}
		if !slices.ContainsFunc(b.States, func(x State) bool { return x.Kind == StateDone }) {
			c.say(bAt, "branch_never_done", "code", b.Code)
		}
	}
	if conditional == len(st.Branches) && conditional > 0 {
		c.say(at+".branches", "branches_all_conditional")
	}
	if !slices.ContainsFunc(c.pack.Workflow.Actions, func(a Action) bool { return a.From.Has(st.Code) && a.On == OnJoined }) {
		c.say(at, "branches_never_join", "code", st.Code)
	}
}

// join checks how many of so many branches or opinions must be there.
func (c *checker) join(at, join string, of int) {
	if join == JoinAll || join == JoinAny {
		return
	}
	if n, err := strconv.Atoi(join); err != nil || n < 1 || n > of {
		c.say(at+".join", "join_malformed", "join", join, "max", of)
	}
}

func (c *checker) escalations(at string, st *State, actions map[string]*Action) {
	seen := map[string]bool{}
	for i, e := range st.Escalate {
		eAt := fmt.Sprintf("%s.escalate.%d", at, i)
		c.slug(eAt+".code", e.Code)
		c.one(eAt+".code", e.Code, seen)
		if (e.After == "") == (e.Before == "") {
			c.say(eAt, "escalation_time")
		}
		c.within(eAt+".after", e.After)
		c.within(eAt+".before", e.Before)
		if e.Before != "" && c.pack.Target.WorkingDays == 0 && c.pack.Target.WorkingHours == 0 {
			c.say(eAt+".before", "promise_missing")
		}
		if len(e.Notify) == 0 && e.Role == "" && e.Action == "" {
			c.say(eAt, "escalation_empty")
		}
		for j, to := range e.Notify {
			c.recipient(fmt.Sprintf("%s.notify.%d", eAt, j), to)
		}
		if len(e.Notify) > 0 && !slices.ContainsFunc(c.pack.Notices, func(n Notice) bool { return n.On == "escalation:"+e.Code }) {
			c.say(eAt+".notify", "escalation_silent", "code", e.Code)
		}
		if e.Role != "" {
			c.role(eAt+".role", e.Role)
		}
		if e.Action != "" {
			if a := actions[e.Action]; a == nil || a.By != BySystem || !a.From.Has(st.Code) {
				c.say(eAt+".action", "escalation_action", "code", e.Action)
			}
		}
	}
}

func (c *checker) assignment(at string, st *State, actions map[string]*Action) {
	a := st.Assign
	if a == nil {
		return
	}
	at += ".assign"
	if st.Kind != StateWork && st.Kind != StateField {
		c.say(at, "assign_unused")
	}
	c.oneOf(at+".by", a.By, "load", "round_robin", "named", "same")
	if a.Area != "" {
		if q := c.s.questions[a.Area]; q == nil || q.Kind != KindBoundary && q.Kind != KindAddress {
			c.say(at+".area", "area_question_unknown", "code", a.Area)
		}
	}
	if (a.By == "named") != (a.To != "") {
		c.say(at+".to", "assign_named")
	}
	if other := actions[a.As]; (a.By == "same") != (a.As != "") || a.As != "" && (other == nil || other.By != ByStaff) {
		c.say(at+".as", "assign_same", "code", a.As)
	}
	if a.When != "" {
		c.s.assignments[st.Code] = c.condition(c.case_, Subject{"state", st.Code, "assigned"}, at+".when", a.When)
	}
}
