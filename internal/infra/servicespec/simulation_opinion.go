package servicespec

import (
	"maps"
	"slices"
	"time"
)

// asking is an opinion that another agency was asked for.
type asking struct {
	state, seen string // where it was asked for, and the digest of what the agency saw
	at          time.Time
	reminders   int
	said        string // "" while it is waited for
}

// heard are the opinions that are there.
func (m *Simulation) heard() map[string]string {
	out := map[string]string{}
	for code, o := range m.opinions {
		if o.said != "" {
			out[code] = o.said
		}
	}
	return out
}

// Opinions returns the opinions that were asked for, by code: asked, or what came.
func (m *Simulation) Opinions() map[string]string {
	out := map[string]string{}
	for code, o := range m.opinions {
		if out[code] = o.said; o.said == "" {
			out[code] = "asked"
		}
	}
	return out
}

// ask asks for the opinions of the states where the case is that were not asked for on what the agency would see now, and
// recalls those that nobody waits for any more.
func (m *Simulation) ask() {
	where := m.where()
	for _, code := range slices.Sorted(maps.Keys(m.opinions)) {
		if o := m.opinions[code]; o.said == "" && (m.Ended || !m.svc.Keeps(o.state, where)) {
			delete(m.opinions, code)
			m.Log = append(m.Log, Event{Kind: "recalled", Code: code})
		}
	}
	if m.Ended {
		return
	}
	for _, st := range where {
		for _, o := range m.svc.OpinionsOf(st, m.answers, m.caseFacts()) {
			seen := m.svc.ShownTo(&o, m.answers, m.caseFacts()).Digest()
			if before, asked := m.opinions[o.Code]; asked && before.seen == seen {
				continue
			}
			m.opinions[o.Code] = asking{state: st, seen: seen, at: m.Now}
			m.Log = append(m.Log, Event{Kind: "asked", Code: o.Code, To: []string{o.Agency}})
		}
	}
}

// Say answers opinions as the agencies that were asked. Errors: *Refusal.
func (m *Simulation) Say(answers map[string]string) error {
	for _, code := range slices.Sorted(maps.Keys(answers)) {
		o, asked := m.opinions[code]
		if !asked || o.said != "" {
			return cannot("state", "nobody waits for the opinion %s", code)
		}
		m.hear(code, answers[code])
		if err := m.settle(); err != nil {
			return err
		}
	}
	return nil
}

func (m *Simulation) hear(code, said string) {
	o := m.opinions[code]
	o.said = said
	m.opinions[code] = o
	m.Log = append(m.Log, Event{Kind: "opinion", Code: code})
}

// nextLate returns the opinion that is late next, where that is before what goes off at a moment (fire nil: nothing does).
func (m *Simulation) nextLate(until, at time.Time, fire func() error) (time.Time, func() error) {
	for _, code := range slices.Sorted(maps.Keys(m.opinions)) {
		o, of := m.opinions[code], m.svc.Opinion(code)
		if o.said != "" || of == nil || o.reminders >= MostReminders {
			continue
		}
		when := of.DueFrom(o.at, m.cal)
		if when.Before(m.Now) {
			when = m.Now
		}
		if when.After(until) || fire != nil && !when.Before(at) {
			continue
		}
		at, fire = when, func() error { m.late(code, of); return nil }
	}
	return at, fire
}

// late takes silence for consent, or asks again.
func (m *Simulation) late(code string, of *Opinion) {
	if of.Late == LateConsent {
		m.hear(code, OpinionSilent)
		return
	}
	o := m.opinions[code]
	o.at, o.reminders = m.Now, o.reminders+1
	m.opinions[code] = o
	m.Log = append(m.Log, Event{Kind: "reminded", Code: code, To: []string{of.Agency}})
}
