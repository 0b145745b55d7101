package servicespec

import (
	"maps"
	"slices"
	"strings"
)

// Doing is an action that somebody takes.
type Doing struct {
	Action, Role, Person, Comment string
	Reasons, Items, Unticked      []string
	Findings                      Answers
}

// Do takes an action as somebody. Errors: *Refusal.
func (m *Simulation) Do(d Doing) error {
	a := m.svc.Action(d.Action)
	if a == nil {
		return cannot("state", "there is no action %s", d.Action)
	}
	if a.By == BySystem {
		return cannot("role", "the system takes %s", a.Code)
	}
	if err := m.may(a, d); err != nil {
		return err
	}
	if err := m.ready(a, d); err != nil {
		return err
	}
	before := m.clone()
	if a.By == ByStaff {
		m.takenBy[a.Code] = append(m.takenBy[a.Code], m.person(a, d))
	}
	m.reasons = d.Reasons
	maps.Copy(m.findings, d.Findings)
	if a.Has(EffectCorrection) {
		m.Asked = d.Items
	}
	if err := m.take(a); err != nil {
		*m = before
		return err
	}
	return m.settle()
}

// clone keeps the case as it is, for a step that turns out not to be possible.
func (m *Simulation) clone() Simulation {
	c := *m
	c.Branches, c.done, c.entered, c.escalated = maps.Clone(m.Branches), maps.Clone(m.done), maps.Clone(m.entered), maps.Clone(m.escalated)
	c.opinions = maps.Clone(m.opinions)
	c.given, c.takenBy, c.findings = maps.Clone(m.given), maps.Clone(m.takenBy), maps.Clone(m.findings)
	return c
}

func (m *Simulation) person(a *Action, d Doing) string {
	if d.Person != "" {
		return d.Person
	}
	return a.Role
}

// may says why somebody may not take an action now.
func (m *Simulation) may(a *Action, d Doing) error {
	switch {
	case !m.leads(a):
		return cannot("state", "%s does not lead out of %s", a.Code, strings.Join(m.where(), ", "))
	case a.By == ByStaff && d.Role != "" && d.Role != m.roleOf(a):
		return cannot("role", "%s is for %s, not for %s", a.Code, m.roleOf(a), d.Role)
	case !m.inTime(a):
		return cannot("time", "the time for %s is over", a.Code)
	case a.SeparateFrom != "" && slices.Contains(m.takenBy[a.SeparateFrom], m.person(a, d)):
		return cannot("separation", "%s has taken %s", m.person(a, d), a.SeparateFrom)
	case !m.svc.Guard(a.Code, m.answers, m.caseFacts()):
		return cannot("guard", "%s is held back by: %s", a.Code, a.Guard)
	}
	return nil
}

// ready says what of an action's preparation is missing.
func (m *Simulation) ready(a *Action, d Doing) error {
	if a.Comment == "required" && strings.TrimSpace(d.Comment) == "" {
		return cannot("comment", "%s needs a comment", a.Code)
	}
	if len(a.Reasons) > 0 && len(d.Reasons) == 0 {
		return cannot("reasons", "%s needs a reason", a.Code)
	}
	for _, r := range d.Reasons {
		if !slices.Contains(a.Reasons, r) {
			return cannot("reasons", "%s has no reason %s", a.Code, r)
		}
	}
	for _, item := range m.svc.ChecklistOf(a.Code, m.answers, m.caseFacts()) {
		if slices.Contains(d.Unticked, item.Code) {
			return cannot("checklist", "%s is not ticked", item.Code)
		}
	}
	if _, bad := m.svc.CheckFindings(a.Code, d.Findings, m.answers, m.caseFacts()); len(bad) > 0 {
		return cannot("findings", "%s: %s", bad[0].Path, bad[0].Code)
	}
	for _, item := range d.Items {
		if q := m.svc.Question(item); q == nil {
			return cannot("items", "%s is not asked", item)
		}
	}
	return nil
}

// take moves the case, or a branch of it, and brings about what follows.
func (m *Simulation) take(a *Action) error {
	to, again := m.svc.states[a.To], m.Ended
	if at := m.svc.branchOf[a.To]; at.branch != "" {
		m.Branches[at.branch] = a.To
		m.enter(to)
		m.branchDone(at.branch, to)
	} else {
		m.reopen()
		m.State, m.Branches = a.To, map[string]string{}
		m.arrive(to)
	}
	m.Log = append(m.Log, Event{Kind: "moved", Code: a.Code})
	m.ask()
	if again && m.demanded { // what was not paid when it ended is demanded again
		if err := m.demand(); err != nil {
			return err
		}
	}
	for _, e := range a.Effect {
		if err := m.effect(a, e); err != nil {
			return err
		}
	}
	if m.svc.Reassessed(a.Code) && !a.Has(EffectReassess) {
		if err := m.reassess(); err != nil {
			return err
		}
	}
	m.announce(a, to)
	return nil
}

// reopen takes a case up again that was over. The time in which it was does not count.
func (m *Simulation) reopen() {
	if m.Ended && !m.Due.IsZero() {
		m.Due = m.cal.Add(m.Due, m.cal.Between(m.endedAt, m.Now))
	}
	m.Ended, m.Outcome = false, ""
}

// announce sends the notices of a move.
func (m *Simulation) announce(a *Action, to *State) {
	m.tell("action:" + a.Code)
	switch {
	case a.Has(EffectCorrection):
		m.tell("correction")
	case to.Kind == StateEnd:
		m.tell(to.Outcome)
	case a.Kind == "reopen":
		m.tell("reopened")
	case a.Kind == "appeal":
		m.tell("appealed")
	}
	m.tell("state:" + a.To)
}

func (m *Simulation) effect(a *Action, effect string) error {
	kind, of := Effect(effect)
	f := m.caseFacts()
	switch kind {
	case EffectDemand:
		return m.demand()
	case EffectReassess:
		return m.reassess()
	case EffectCertificate:
		issues, err := m.svc.Issues(of, m.answers, f)
		for _, is := range issues {
			m.Log = append(m.Log, Event{Kind: "certificate", Code: is.Certificate.Type, Claims: is.Claims})
		}
		return err
	case EffectRecord:
		entries, err := m.svc.Entries(of, m.answers, f)
		for _, e := range entries {
			m.Log = append(m.Log, Event{Kind: "record", Code: e.Registry, Claims: e.Fields})
		}
		return err
	case EffectLetter:
		for _, l := range m.svc.LettersOf(of, m.answers, f) {
			m.Log = append(m.Log, Event{Kind: "letter", Code: l.Code})
		}
	}
	return nil
}

// reassess works the fees out anew. What is more than was paid is demanded; what is less is the payer's credit.
func (m *Simulation) reassess() error {
	lines, err := m.svc.Fees(m.answers, m.caseFacts())
	if err != nil {
		return err
	}
	m.Fees, m.demanded = lines, true
	m.Paid = m.total() <= m.paid
	m.Log = append(m.Log, Event{Kind: "reassessed"})
	return nil
}
