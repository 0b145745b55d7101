package servicespec

import (
	"encoding/json"
	"errors"
)

// Telling is a scenario as far as it has been told: what a designer sees who tries a service out.
type Telling struct {
	Answers Answers
	Facts   Facts
	Faults  []FieldFault // what is wrong with the form as it is filled in
	Steps   []StepLog    // where the case stood after each step; nil before the form is sent
	Case    *Simulation  // nil before the form is sent, and where it cannot be
	// Refused is why the last step could not be taken, Taken how many steps could.
	Refused *Refusal
	Taken   int
}

// Tell plays a scenario without comparing it with what it expects. With sent the form is sent and the steps are taken, up to
// the first that is refused; without, the form alone is looked at. Errors: for a day that is none, and an expression that fails.
func (s *Service) Tell(sc *Scenario, sent bool) (t Telling, err error) {
	r := &playing{svc: s, sc: sc}
	if r.facts, err = sc.facts(s.pack); err != nil {
		return t, err
	}
	r.answers, r.faults = r.take(sc.Answers)
	r.findRecords()
	t.Answers, t.Facts = r.answers, r.facts
	t.Faults = append(r.faults, s.Validate(s.Clean(r.answers, r.facts), r.facts)...)
	if !sent || len(t.Faults) > 0 {
		return t, nil
	}
	if r.sim, err = s.Simulate(r.answers, r.facts, sc.Holder); err != nil {
		return t, err
	}
	t.Case = r.sim
	r.log("submit", "")
	r.seen = len(r.sim.Log)
	for i := range sc.Steps {
		what, err := r.do(&sc.Steps[i])
		if errors.As(err, &t.Refused) {
			break
		}
		if err != nil {
			return t, err
		}
		r.log(what, "")
		r.seen = len(r.sim.Log)
		t.Taken++
	}
	t.Steps = r.out.Steps
	return t, nil
}

// Expecting returns the scenario with what came of it as what it expects: so it is kept, and played again on later versions.
// Errors: as Tell; ErrTelling where the form cannot be sent or a step cannot be taken.
func (s *Service) Expecting(sc Scenario) (Scenario, error) {
	told := *Copy(&sc)
	t, err := s.Tell(&told, true)
	if err != nil {
		return sc, err
	}
	if t.Case == nil || t.Refused != nil {
		return sc, ErrTelling
	}
	begun, err := s.Tell(&Scenario{Today: sc.Today, Holder: sc.Holder, Answers: sc.Answers, Lookups: sc.Lookups, RefData: sc.RefData, Areas: sc.Areas, Holiday: sc.Holiday}, true)
	if err != nil {
		return sc, err
	}
	fees := map[string]int64{}
	for _, l := range begun.Case.Fees {
		fees[l.Code] = l.Minor
	}
	told.Expect = &Expect{Problems: map[string]string{}, Fees: fees, State: t.Steps[0].State, Branches: t.Steps[0].Branches}
	for i := range told.Steps {
		step := t.Steps[i+1]
		told.Steps[i].Expect = &Expect{State: step.State, Branches: step.Branches}
	}
	if n := len(told.Steps); n > 0 {
		told.Steps[n-1].Expect.Outcome = t.Case.Outcome
	}
	return told, nil
}

// Total is what is to pay, in minor units.
func (m *Simulation) Total() int64 { return m.total() }

// PlainAnswers are answers as scenarios and the JSON API have them, by question code.
func PlainAnswers(a Answers) map[string]any {
	out := map[string]any{}
	data, err := json.Marshal(a)
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	if err != nil {
		panic(err) // answers are plain data
	}
	return out
}
