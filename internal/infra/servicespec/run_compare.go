package servicespec

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"digit/internal/infra/platform/civil"
)

// compare looks at everything that is expected at a moment.
func (r *playing) compare(at moment, e *Expect) {
	if e == nil {
		return
	}
	r.compareForm(at, e)
	if r.sim == nil {
		return
	}
	r.compareCase(at, e)
	r.compareOutputs(at, e)
}

func (r *playing) compareForm(at moment, e *Expect) {
	answers, facts := r.answers, r.facts
	if r.sim != nil {
		answers, facts = r.sim.Answers(), r.sim.caseFacts()
	}
	visible := r.visible(answers, facts)
	for _, code := range e.Visible {
		if !visible[code] {
			r.fail(at, "not_asked", "code", code)
		}
	}
	for _, code := range e.Hidden {
		if visible[code] {
			r.fail(at, "asked", "code", code)
		}
	}
	if e.Problems != nil {
		found := map[string]string{}
		for _, f := range r.faults {
			found[f.Path] = f.Code
		}
		if !maps.Equal(found, e.Problems) {
			r.fail(at, "problems", "found", found, "want", e.Problems)
		}
	}
	if e.Eligible != nil {
		if v := r.svc.Eligible(r.withScreening(answers), facts); v.Eligible != *e.Eligible {
			r.fail(at, "eligible", "found", v.Eligible)
		}
	}
	values := r.svc.Values(answers, facts)
	for _, name := range slices.Sorted(maps.Keys(e.Values)) {
		if !sameValue(values[name], e.Values[name]) {
			r.fail(at, "value", "name", name, "found", values[name], "want", e.Values[name])
		}
	}
	if e.Documents != nil {
		var needed []string
		for _, n := range r.svc.Needs(answers, facts) {
			if n.Needed {
				needed = append(needed, n.Document.Code)
			}
		}
		r.sameList(at, "documents", needed, e.Documents)
	}
}

// withScreening adds the answers to questions of eligibility that the form does not ask.
func (r *playing) withScreening(a Answers) Answers {
	out := maps.Clone(a)
	for code := range r.svc.screening {
		if v, ok := r.answers[code]; ok && out[code] == nil {
			out[code] = v
		}
	}
	return out
}

// visible returns the questions that are asked, those of rows as group.row.question, rows counting from 1.
func (r *playing) visible(a Answers, f Facts) map[string]bool {
	out := map[string]bool{}
	for _, p := range r.svc.Pages(a, f) {
		for _, q := range p.Questions {
			out[q.Code] = true
			for _, row := range q.Rows {
				for _, field := range row.Questions {
					out[fieldPath(q.Code, row.Index+1, field.Code)] = true
				}
			}
		}
	}
	return out
}

func (r *playing) compareCase(at moment, e *Expect) {
	m := r.sim
	if e.Fees != nil {
		found := map[string]int64{}
		for _, l := range m.Fees {
			found[l.Code] = l.Minor
		}
		if !maps.Equal(found, e.Fees) {
			r.fail(at, "fees", "found", found, "want", e.Fees)
		}
	}
	if e.Total != nil && m.total() != *e.Total {
		r.fail(at, "total", "found", m.total(), "want", *e.Total)
	}
	if e.State != "" && m.State != e.State {
		r.fail(at, "state", "found", m.State, "want", e.State)
	}
	if e.Branches != nil && !maps.Equal(m.Branches, e.Branches) {
		r.fail(at, "branches", "found", m.Branches, "want", e.Branches)
	}
	if found := m.Opinions(); e.Opinions != nil && !maps.Equal(found, e.Opinions) {
		r.fail(at, "opinions", "found", found, "want", e.Opinions)
	}
	if e.Actions != nil {
		r.sameList(at, "actions", m.Can(), e.Actions)
	}
	if e.Outcome != "" && m.Outcome != e.Outcome {
		r.fail(at, "outcome", "found", m.Outcome, "want", e.Outcome)
	}
	if due := civil.Of(m.Due.In(m.zone())).String(); e.Due != "" && due != e.Due {
		r.fail(at, "due", "found", due, "want", e.Due)
	}
	if e.Overdue != nil && m.Overdue() != *e.Overdue {
		r.fail(at, "overdue", "found", m.Overdue())
	}
}

func (r *playing) compareOutputs(at moment, e *Expect) {
	var notices, letters []string
	made := map[string]map[string]map[string]any{"certificate": {}, "record": {}}
	for _, ev := range r.sim.Log[r.seen:] {
		switch ev.Kind {
		case "notice":
			notices = append(notices, ev.Code)
		case "letter":
			letters = append(letters, ev.Code)
		case "certificate", "record":
			made[ev.Kind][ev.Code] = ev.Claims
		}
	}
	if e.Notices != nil {
		r.sameList(at, "notices", notices, e.Notices)
	}
	if e.Letters != nil {
		r.sameList(at, "letters", letters, e.Letters)
	}
	for kind, expected := range map[string]map[string]map[string]any{"certificate": e.Certificates, "record": e.Records} {
		for of, claims := range expected {
			found, ok := made[kind][of]
			if !ok {
				r.fail(at, "no_"+kind, "of", of)
			}
			for name, want := range claims {
				if !sameValue(found[name], want) {
					r.fail(at, kind, "name", name, "of", of, "found", found[name], "want", want)
				}
			}
		}
	}
}

func (r *playing) sameList(at moment, what string, found, want []string) {
	f, w := slices.Clone(found), slices.Clone(want)
	slices.Sort(f)
	slices.Sort(w)
	if !slices.Equal(f, w) {
		r.fail(at, what, "found", found, "want", want)
	}
}

// sameValue compares values that YAML, JSON and rules write in different types.
func sameValue(a, b any) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	var u, v any
	if err1 != nil || err2 != nil || json.Unmarshal(x, &u) != nil || json.Unmarshal(y, &v) != nil {
		return false
	}
	return reflect.DeepEqual(u, v)
}
