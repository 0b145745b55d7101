package servicespec

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
)

// Played is how a scenario came out: Failures say what is not as it was told; none means that all is.
type Played struct {
	Name     string    `json:"name"`
	Failures []Failure `json:"failures,omitempty"`
	Steps    []StepLog `json:"steps"`
}

// StepLog is where the case stood after a step; the first is the submission.
type StepLog struct {
	What     string            `json:"what"`
	State    string            `json:"state"`
	Branches map[string]string `json:"branches,omitempty"`
	At       time.Time         `json:"at"`
	Events   []Event           `json:"events,omitempty"`
	Refused  string            `json:"refused,omitempty"`
}

// OK reports whether the scenario came out as it was told.
func (p Played) OK() bool { return len(p.Failures) == 0 }

// RunScenario plays a scenario: the form is filled in and sent, the steps are taken one after the other, and each moment is
// compared with what the scenario expects. It needs no database and no clock.
func (s *Service) RunScenario(sc *Scenario) Played {
	r := &playing{svc: s, sc: sc, out: Played{Name: sc.Name}}
	facts, err := sc.facts(s.pack)
	if err != nil {
		r.fail(moment{}, "wrong", "detail", err)
		return r.out
	}
	r.facts = facts
	if r.begin() {
		for i := range sc.Steps {
			r.step(i, &sc.Steps[i])
		}
	}
	return r.out
}

// ScenarioAnswers returns the answers of a scenario as they would be sent. Errors: what is wrong with them, in words.
func (s *Service) ScenarioAnswers(sc *Scenario) (Answers, error) {
	r := &playing{svc: s, sc: sc}
	a, bad := r.take(sc.Answers)
	if len(bad) > 0 {
		return nil, errors.New(faultsInWords(bad))
	}
	return a, nil
}

// BeginScenario fills in the form of a scenario and sends it, and returns the case as it stands before the first step. Errors: what is wrong
// with the form, in words; *Refusal.
func (s *Service) BeginScenario(sc *Scenario) (*Simulation, error) {
	r := &playing{svc: s, sc: sc, out: Played{Name: sc.Name}}
	var err error
	if r.facts, err = sc.facts(s.pack); err != nil {
		return nil, err
	}
	if !r.begin() {
		said := []string{}
		for _, f := range r.out.Failures {
			said = append(said, f.String())
		}
		return nil, errors.New(strings.Join(append(said, "the form cannot be sent"), "; "))
	}
	return r.sim, nil
}

// checkScenarios plays the scenarios of a pack.
func (s *Service) checkScenarios() []Problem {
	var out []Problem
	for i := range s.pack.Scenarios {
		at := fmt.Sprintf("scenarios.%d", i)
		for _, f := range s.RunScenario(&s.pack.Scenarios[i]).Failures {
			out = append(out, newProblem(at, s.pack.lines[at], "scenario_failed", "detail", f.String(), "failure", f))
		}
	}
	return out
}

// Facts are the world of a scenario. Errors: a day that is none.
func (sc *Scenario) Facts(p *Pack) (Facts, error) { return sc.facts(p) }

// facts are the world of a scenario.
func (sc *Scenario) facts(p *Pack) (Facts, error) {
	today, err := civil.Parse(sc.Today)
	if err != nil {
		return Facts{}, fmt.Errorf("%q is no day", sc.Today)
	}
	cal := calendar.Calendar{Hours: calendar.Office(), Holidays: map[civil.Date]bool{}}
	for _, h := range sc.Holiday {
		day, err := civil.Parse(h)
		if err != nil {
			return Facts{}, fmt.Errorf("%q is no day", h)
		}
		cal.Holidays[day] = true
	}
	f := Facts{Today: today, Calendar: &cal, Found: map[LookupKey]map[string]any{}}
	if len(sc.Areas) > 0 {
		f.Area = func(code string) (Area, bool) {
			level, ok := sc.Areas[code]
			return Area{Level: level, Name: i18n.Text{p.Languages[0]: code}}, ok
		}
	}
	if len(sc.RefData) > 0 {
		f.Code = func(list, code string) (Code, bool) {
			codes, known := sc.RefData[list]
			if !known {
				return Code{}, true
			}
			attributes, ok := codes[code]
			return Code{Attributes: wholeNumbers(attributes)}, ok
		}
	}
	return f, nil
}

// wholeNumbers makes int64 of the numbers that are whole, which YAML and JSON read in different types.
func wholeNumbers(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		switch x := v.(type) {
		case int:
			v = int64(x)
		case float64:
			if x == float64(int64(x)) {
				v = int64(x)
			}
		}
		out[k] = v
	}
	return out
}

// playing is a scenario on its way.
type playing struct {
	svc     *Service
	sc      *Scenario
	facts   Facts
	answers Answers
	faults  []FieldFault
	sim     *Simulation
	seen    int // events of the simulation that were looked at
	out     Played
}

func (r *playing) fail(at moment, code string, pairs ...any) {
	f := Failure{At: at.at, Step: at.step, Did: at.did, Code: code}
	for i := 0; i+1 < len(pairs); i += 2 {
		if f.Args == nil {
			f.Args = map[string]any{}
		}
		f.Args[pairs[i].(string)] = fmt.Sprint(pairs[i+1])
	}
	r.out.Failures = append(r.out.Failures, f)
}

// begin fills in the form and sends it. It reports whether the case runs.
func (r *playing) begin() bool {
	r.answers, r.faults = r.take(r.sc.Answers)
	r.findRecords()
	for _, f := range r.svc.Validate(r.svc.Clean(r.answers, r.facts), r.facts) {
		if !slices.ContainsFunc(r.faults, func(g FieldFault) bool { return g.Path == f.Path }) {
			r.faults = append(r.faults, f)
		}
	}
	expected := r.sc.Expect
	if len(r.faults) > 0 {
		if expected == nil || expected.Problems == nil && expected.ofCase() {
			r.fail(atForm, "form", "found", faultsInWords(r.faults))
		}
		r.compare(atForm, expected)
		if len(r.sc.Steps) > 0 {
			r.fail(atForm, "not_sent")
		}
		return false
	}
	var err error
	if r.sim, err = r.svc.Simulate(r.answers, r.facts, r.sc.Holder); err != nil {
		r.fail(atSubmission, "wrong", "detail", err)
		return false
	}
	r.log("submit", "")
	r.compare(atSubmission, expected)
	r.seen = len(r.sim.Log)
	return true
}

// ofCase reports whether anything is expected of the case, beyond the form: then the form must be right.
func (e *Expect) ofCase() bool {
	return e.Fees != nil || e.Total != nil || e.State != "" || e.Branches != nil || e.Opinions != nil || e.Actions != nil || e.Outcome != "" || e.Notices != nil ||
		e.Certificates != nil || e.Records != nil || e.Letters != nil || e.Due != "" || e.Overdue != nil
}

// take reads answers as the JSON API does; documents and files may be written short, as the name of the proof or true.
func (r *playing) take(in map[string]any) (Answers, []FieldFault) {
	doc := map[string]any{}
	for code, v := range in {
		if r.svc.questions[code] == nil && r.svc.screening[code] != nil {
			continue
		}
		doc[code] = r.short(r.svc.questions[code], v)
	}
	data, err := json.Marshal(doc)
	if err != nil {
		return nil, []FieldFault{{Path: "answers", Code: "unknown_field"}}
	}
	a, bad, err := r.svc.Take(data)
	if err != nil {
		return nil, []FieldFault{{Path: "answers", Code: "unknown_field"}}
	}
	for code, q := range r.svc.screening {
		if v, ok := in[code]; ok && r.svc.questions[code] == nil {
			if raw, err := json.Marshal(v); err == nil {
				if answer, wrong := q.decode(raw); wrong == nil {
					a[code] = answer
				}
			}
		}
	}
	return a, bad
}

// sampleID is the id of every file in a scenario.
const sampleID = "00000000-0000-7000-8000-000000000001"

// short writes out what a scenario may write short: a file as true, a document by its proof, a signature by its name.
func (r *playing) short(q *question, v any) any {
	if q == nil {
		return v
	}
	sample := func(accept []string) any {
		return map[string]any{"id": sampleID, "name": "sample", "media_type": strings.ReplaceAll(accept[0], "*", "png"), "size": 1}
	}
	switch q.Kind {
	case KindFile:
		if v == true {
			return []any{sample(q.Accept)}
		}
	case KindSignature:
		if name, ok := v.(string); ok {
			return map[string]any{"signed": name}
		}
	case KindDocument:
		proof, ok := v.(string)
		i := slices.IndexFunc(q.doc.Proofs, func(p Proof) bool { return p.Code == proof })
		if !ok || i < 0 {
			return v
		}
		switch p := q.doc.Proofs[i]; {
		case p.Credential != "":
			return map[string]any{"proof": proof, "credential": sampleID}
		case p.Lookup != "":
			return map[string]any{"proof": proof}
		default:
			return map[string]any{"proof": proof, "files": []any{sample(p.Accept)}}
		}
	case KindGroup:
		return r.shortRows(q, v)
	}
	return v
}

func (r *playing) shortRows(q *question, v any) any {
	rows, ok := v.([]any)
	if !ok {
		return v
	}
	out := make([]any, len(rows))
	for i, row := range rows {
		m, ok := row.(map[string]any)
		if !ok {
			return v
		}
		written := map[string]any{}
		for code, x := range m {
			written[code] = r.short(q.rows.field(code), x)
		}
		out[i] = written
	}
	return out
}

// findRecords answers what the lookups ask for from the scenario.
func (r *playing) findRecords() {
	for range len(r.svc.pack.Lookups) + 1 {
		for _, w := range r.svc.Wanted(r.answers, r.facts) {
			record := r.sc.Lookups[w.Lookup.Name]
			if record != nil {
				record = wholeNumbers(record)
			}
			r.facts.Found[w.LookupKey] = record
		}
	}
}

// step takes one step and compares.
func (r *playing) step(i int, st *Step) {
	what, err := r.do(st)
	at := moment{"step", i + 1, what}
	var refused *Refusal
	why := ""
	switch {
	case errors.As(err, &refused):
		why = refused.Why
		if st.Refused == "" {
			r.fail(at, "refused", "why", refused.Why, "detail", refused.Detail)
		} else if st.Refused != refused.Why {
			r.fail(at, "refused_other", "why", refused.Why, "want", st.Refused)
		}
	case err != nil:
		r.fail(at, "wrong", "detail", err)
	case st.Refused != "":
		r.fail(at, "not_refused", "want", st.Refused)
	}
	r.log(what, why)
	r.compare(at, st.Expect)
	r.seen = len(r.sim.Log)
}

func (r *playing) do(st *Step) (what string, err error) {
	switch {
	case st.Do != "":
		found, bad := r.findings(st)
		if len(bad) > 0 {
			return st.Do, cannot("findings", "%s", faultsInWords(bad))
		}
		return st.Do, r.sim.Do(Doing{
			Action: st.Do, Role: st.Role, Person: st.Person, Comment: st.comment(r.svc), Reasons: st.Reasons, Items: st.Items, Unticked: st.Unticked, Findings: found,
		})
	case st.Wait != "":
		return "wait " + st.Wait, r.sim.Wait(st.Wait)
	case st.Correct != nil:
		sent, bad := r.take(st.Correct)
		if len(bad) > 0 {
			return "correct", cannot("answers", "%s", faultsInWords(bad))
		}
		merged := maps.Clone(r.sim.Answers())
		maps.Copy(merged, sent)
		return "correct", r.sim.Correct(merged)
	case st.Opinions != nil:
		return "opinions", r.sim.Say(st.Opinions)
	}
	return st.Signal, r.sim.Pay()
}

// comment is what a step says, or a word where the action asks for one and the step is not about that.
func (st *Step) comment(s *Service) string {
	if a := s.Action(st.Do); st.Comment == "" && st.Refused != "comment" && a != nil && a.Comment == "required" {
		return "…"
	}
	return st.Comment
}

func (r *playing) findings(st *Step) (Answers, []FieldFault) {
	out := Answers{}
	for code, v := range st.Findings {
		q := r.svc.findings[code]
		if q == nil {
			return nil, []FieldFault{{Path: code, Code: "unknown_field"}}
		}
		raw, err := json.Marshal(v)
		if err != nil {
			return nil, []FieldFault{{Path: code, Code: "wrong_shape"}}
		}
		answer, bad := q.decode(raw)
		if bad != nil {
			return nil, []FieldFault{*bad}
		}
		out[code] = answer
	}
	return out, nil
}

func (r *playing) log(what, refused string) {
	r.out.Steps = append(r.out.Steps, StepLog{
		What: what, State: r.sim.State, Branches: maps.Clone(r.sim.Branches), At: r.sim.Now, Events: slices.Clone(r.sim.Log[r.seen:]), Refused: refused,
	})
}

func faultsInWords(faults []FieldFault) string {
	words := make([]string, len(faults))
	for i, f := range faults {
		words[i] = f.Path + " " + f.Code
	}
	return strings.Join(words, ", ")
}
