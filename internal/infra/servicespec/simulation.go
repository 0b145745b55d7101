package servicespec

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
)

// Simulation is a case that runs in memory: states and branches, guards, roles, fees, timers and the promise, on a working
// calendar whose clock moves when it is told to. Scenarios are played on it, and a designer's "try it" is. It follows the
// same rules as the workflow of real cases, and nothing of it is kept.
type Simulation struct {
	svc     *Service
	facts   Facts
	cal     calendar.Calendar
	answers Answers

	Now      time.Time
	State    string
	Branches map[string]string // state by branch, while the state is parallel
	Outcome  string
	Due      time.Time // the promise; zero: none
	Paused   bool
	Ended    bool
	Asked    []string // questions sent back
	Fees     []FeeLine
	Paid     bool

	done      map[string]string // outcome by branch that is done
	opinions  map[string]asking // by opinion
	entered   map[string]time.Time
	escalated map[string]bool
	given     map[string]string // role by state whose work an escalation has given away
	pausedAt  time.Time
	endedAt   time.Time
	paid      int64
	demanded  bool
	takenBy   map[string][]string // who has taken an action, by action
	findings  Answers
	reasons   []string
	reference string
	Log       []Event
}

// Event is something that came of a step: a notice sent, a certificate issued, a letter, a record.
type Event struct {
	Kind   string // moved, notice, certificate, letter, record, demand, paid, correction, escalation, reassessed, asked, reminded, opinion, recalled
	Code   string
	To     []string
	Claims map[string]any
}

// caseFacts are the facts with what is known of the case.
func (m *Simulation) caseFacts() Facts {
	f := m.facts
	f.Today = civil.Of(m.Now.In(m.zone()))
	f.Case = &Case{
		Reference: m.reference, Service: m.svc.pack.Name.In(m.svc.pack.Languages[0], ""), Agency: m.svc.pack.Agency, Holder: m.facts.Case.Holder,
		SubmittedOn: m.facts.Today, State: m.State, Outcome: m.Outcome, Branches: m.done, Opinions: m.heard(), Findings: m.findings, Reasons: m.reasons,
	}
	if m.Ended || m.takenBy != nil {
		f.Case.DecidedOn, f.Case.IssuedOn = f.Today, f.Today
	}
	return f
}

func (m *Simulation) zone() *time.Location {
	if m.cal.Zone == nil {
		return time.UTC
	}
	return m.cal.Zone
}

// Refusal says why a step of a simulation cannot be taken: state, role, guard, separation, comment, checklist, reasons,
// findings, items, time.
type Refusal struct{ Why, Detail string }

// Error returns the reason.
func (r *Refusal) Error() string { return r.Why + ": " + r.Detail }

func cannot(why, format string, args ...any) error {
	return &Refusal{why, fmt.Sprintf(format, args...)}
}

// Simulate submits answers at 9 o'clock of the facts' day. The answers must be valid. Errors: *Refusal.
func (s *Service) Simulate(a Answers, f Facts, holder string) (*Simulation, error) {
	cal := calendar.Calendar{Hours: calendar.Office()}
	if f.Calendar != nil {
		cal = *f.Calendar
	}
	f.Calendar = &cal
	f.Case = &Case{Holder: holder}
	m := &Simulation{
		svc: s, facts: f, cal: cal, answers: s.Clean(a, f), findings: Answers{}, done: map[string]string{}, takenBy: map[string][]string{}, given: map[string]string{},
		opinions: map[string]asking{}, entered: map[string]time.Time{}, escalated: map[string]bool{}, Branches: map[string]string{}, reference: "TEST-000001",
	}
	m.Now = f.Today.In(m.zone()).Add(9 * time.Hour)
	target := s.Promise(a, f)
	switch {
	case target.WorkingDays > 0:
		m.Due = cal.AddDays(m.Now, target.WorkingDays)
	case target.WorkingHours > 0:
		m.Due = cal.Add(m.Now, time.Duration(target.WorkingHours)*time.Hour)
	}
	m.State = s.pack.Workflow.Start
	m.arrive(s.states[m.State])
	m.ask()
	m.tell("submitted")
	if !s.DemandsLater() {
		if err := m.demand(); err != nil {
			return m, err
		}
	}
	return m, m.settle()
}

// tell notes the notices of an event.
func (m *Simulation) tell(event string) {
	for _, n := range m.svc.NoticesOn(event, m.answers, m.caseFacts()) {
		m.Log = append(m.Log, Event{Kind: "notice", Code: event, To: n.To})
	}
}

func (m *Simulation) demand() error {
	lines, err := m.svc.Fees(m.answers, m.caseFacts())
	if err != nil {
		return err
	}
	m.Fees, m.demanded = lines, true
	if m.Paid = m.total() <= m.paid; !m.Paid { // what was paid before is not demanded again
		m.Log = append(m.Log, Event{Kind: "demand"})
		m.tell("demand")
	}
	return nil
}

// total is what is to pay.
func (m *Simulation) total() (sum int64) {
	for _, l := range m.Fees {
		sum += l.Minor
	}
	return sum
}

// arrive sets what follows from a state of the case alone.
func (m *Simulation) arrive(st *State) {
	m.enter(st)
	if m.Paused && !m.Due.IsZero() {
		m.Due = m.cal.Add(m.Due, m.cal.Between(m.pausedAt, m.Now))
	}
	m.Paused = st.Clock == "pause"
	m.pausedAt = m.Now
	switch st.Kind {
	case StateEnd:
		m.Ended, m.Outcome, m.endedAt = true, st.Outcome, m.Now
	case StateParallel:
		m.Branches, m.done = map[string]string{}, map[string]string{}
		for _, b := range m.svc.Branches(st.Code, m.answers, m.caseFacts()) {
			m.Branches[b.Code] = b.Start
			m.enter(m.svc.states[b.Start])
			m.branchDone(b.Code, m.svc.states[b.Start])
		}
	}
}

func (m *Simulation) branchDone(branch string, st *State) {
	if st.Kind == StateDone {
		m.done[branch] = st.Outcome
	}
}

// enter notes when a stay in a state of the case or of a branch began.
func (m *Simulation) enter(st *State) {
	m.entered[st.Code] = m.Now
	delete(m.given, st.Code)
	for _, e := range st.Escalate {
		delete(m.escalated, FiredKey(st.Code, e.Code))
	}
}

// standing is what happens by itself depends on.
func (m *Simulation) standing() Standing {
	at := Standing{
		State: m.State, Branches: m.Branches, Entered: m.entered, Paid: m.Paid || m.total() == 0, Ended: m.Ended, Fired: m.escalated, Now: m.Now, Calendar: m.cal,
	}
	if !m.Paused {
		at.Promise = m.Due
	}
	return at
}

// where returns the states from which something can be done: that of the case, or those of its branches as well.
func (m *Simulation) where() []string { return m.svc.Where(m.standing()) }

// Can returns the actions that staff and the person could take now, by their guards, in the order of the pack.
func (m *Simulation) Can() []string {
	var out []string
	for i := range m.svc.pack.Workflow.Actions {
		a := &m.svc.pack.Workflow.Actions[i]
		if a.By == BySystem || a.On != "" || !m.leads(a) || !m.inTime(a) || !m.svc.Guard(a.Code, m.answers, m.caseFacts()) {
			continue
		}
		out = append(out, a.Code)
	}
	return out
}

// leads reports whether an action leads out of where the case is.
func (m *Simulation) leads(a *Action) bool {
	return slices.ContainsFunc(m.where(), func(st string) bool { return a.From.Has(st) })
}

func (m *Simulation) inTime(a *Action) bool {
	return a.Within == "" || m.Ended && a.InTime(m.endedAt, m.Now, m.cal)
}

// roleOf returns whose an action is now.
func (m *Simulation) roleOf(a *Action) string {
	for _, st := range m.where() {
		if a.From.Has(st) {
			return a.RoleFor(m.svc.states[st], m.given[st])
		}
	}
	return a.Role
}

// maxSettling bounds what happens by itself in a row; a service that goes round without end stops there.
const maxSettling = 100

// settle does what happens by itself now: nothing to pay, enough branches done, a condition that has become true.
func (m *Simulation) settle() error {
	for range maxSettling {
		a := m.svc.Automatic(m.standing(), m.answers, m.caseFacts())
		if a == nil {
			return nil
		}
		if err := m.take(a); err != nil {
			return err
		}
	}
	return cannot("state", "the case goes round by itself, without end")
}

// Pay pays what is to pay. Errors: *Refusal.
func (m *Simulation) Pay() error {
	if m.total() == 0 || m.Paid {
		return cannot("state", "there is nothing to pay")
	}
	m.Paid, m.paid = true, m.total()
	m.Log = append(m.Log, Event{Kind: "paid"})
	m.tell("paid")
	return m.settle()
}

// Correct sends answers in again, as the person does after a correction was asked for. Errors: *Refusal.
func (m *Simulation) Correct(sent Answers) error {
	next := m.svc.Clean(Corrected(m.answers, sent, m.Asked), m.facts)
	if bad := m.svc.Validate(next, m.facts); len(bad) > 0 {
		return cannot("answers", "%s: %s", bad[0].Path, bad[0].Code)
	}
	for i := range m.svc.pack.Workflow.Actions {
		a := &m.svc.pack.Workflow.Actions[i]
		if a.On != OnSubmitted || !m.leads(a) {
			continue
		}
		before := m.answers
		m.answers = next
		if !m.svc.Guard(a.Code, m.answers, m.caseFacts()) {
			m.answers = before
			continue
		}
		m.Asked = nil
		if m.svc.Reassessed("correction") {
			if err := m.reassess(); err != nil {
				return err
			}
		}
		if err := m.take(a); err != nil {
			return err
		}
		return m.settle()
	}
	return cannot("state", "nothing waits for a correction in %s", strings.Join(m.where(), ", "))
}

// Wait lets working time pass, with all that happens meanwhile: timers and escalations, each at its moment.
func (m *Simulation) Wait(working string) error {
	until := after(m.cal, m.Now, working)
	for range maxSettling {
		at, fire := m.nextTimer(until)
		if fire == nil {
			m.Now = until
			return nil
		}
		m.Now = at
		if err := fire(); err != nil {
			return err
		}
		if err := m.settle(); err != nil {
			return err
		}
	}
	return cannot("state", "timers go round without end")
}

// nextTimer returns the first thing that goes off by itself until a moment; fire is nil where nothing does.
func (m *Simulation) nextTimer(until time.Time) (at time.Time, fire func() error) {
	for _, next := range m.svc.Moments(m.standing()) {
		when := next.At
		if when.Before(m.Now) {
			when = m.Now
		}
		if when.After(until) || fire != nil && !when.Before(at) {
			continue
		}
		switch {
		case next.Escalation != nil:
			at, fire = when, func() error { return m.escalate(m.svc.states[next.State], next.Escalation) }
		case m.svc.Guard(next.Action.Code, m.answers, m.caseFacts()):
			at, fire = when, func() error { return m.take(next.Action) }
		}
	}
	return m.nextLate(until, at, fire)
}

func (m *Simulation) escalate(st *State, e *Escalation) error {
	m.escalated[FiredKey(st.Code, e.Code)] = true
	if e.Role != "" {
		m.given[st.Code] = e.Role
	}
	m.Log = append(m.Log, Event{Kind: "escalation", Code: e.Code, To: e.Notify})
	m.tell("escalation:" + e.Code)
	if e.Action == "" {
		return nil
	}
	if a := m.svc.Action(e.Action); a != nil && m.svc.Guard(a.Code, m.answers, m.caseFacts()) {
		return m.take(a)
	}
	return nil
}

// Overdue reports whether the promise has passed.
func (m *Simulation) Overdue() bool {
	at := m.Now
	if m.Ended {
		at = m.endedAt
	}
	if m.Paused && !m.Ended {
		at = m.pausedAt
	}
	return !m.Due.IsZero() && at.After(m.Due)
}

// Answers returns the answers of the case.
func (m *Simulation) Answers() Answers { return m.answers }
