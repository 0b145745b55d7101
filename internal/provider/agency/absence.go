package agency

import (
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
)

// AbsenceState says how far an absence is.
type AbsenceState string

// States of absences. One that is asked for counts for nothing until it is confirmed.
const (
	AbsenceAsked     AbsenceState = "asked"
	AbsenceConfirmed AbsenceState = "confirmed"
	AbsenceRefused   AbsenceState = "refused"
	AbsenceWithdrawn AbsenceState = "withdrawn"
)

// Absence says that somebody who works in an agency is away from From until Until, which is excluded, on the tenant's clock. For that
// time StandIn (uuid.Nil for nobody) has the roles of the positions that Account holds there, as themself and without taking a seat;
// Account keeps them, and is given no new work.
type Absence struct {
	ID        uuid.UUID
	Agency    string
	Account   uuid.UUID
	StandIn   uuid.UUID
	From      time.Time
	Until     time.Time
	State     AbsenceState
	AskedBy   uuid.UUID // uuid.Nil for the system, like DecidedBy
	AskedAt   time.Time
	DecidedBy uuid.UUID
	DecidedAt *time.Time
}

// Current reports whether somebody is away so at now.
func (a Absence) Current(now time.Time) bool {
	return a.State == AbsenceConfirmed && !now.Before(a.From) && now.Before(a.Until)
}

// Open reports whether an absence is asked for or confirmed, and not over at now.
func (a Absence) Open(now time.Time) bool {
	return (a.State == AbsenceAsked || a.State == AbsenceConfirmed) && now.Before(a.Until)
}

func (a Absence) overlaps(o Absence) bool { return o.From.Before(a.Until) && a.From.Before(o.Until) }

// lent are the roles that whoever stands in has: those of the positions that are held in its agency, each for the time that the holding
// and the absence share.
func lent(a Absence, held []Holding, positions []Position) (grants []identity.NewGrant) {
	type place struct{ role, boundary string }
	at := map[place]int{}
	for _, h := range held {
		from, until := a.From, a.Until
		if h.From.After(from) {
			from = h.From
		}
		if h.Until != nil && h.Until.Before(until) {
			until = *h.Until
		}
		if h.Agency != a.Agency || !from.Before(until) {
			continue
		}
		for _, p := range positions {
			if p.Code != h.Position {
				continue
			}
			for _, role := range p.Roles {
				key := place{role, p.Boundary}
				if n, ok := at[key]; ok { // two positions with the same role: from the first to the last
					grants[n].From, grants[n].Until = earlier(*grants[n].From, from), later(*grants[n].Until, until)
					continue
				}
				at[key] = len(grants)
				grants = append(grants, identity.NewGrant{Role: role, Agency: a.Agency, Boundary: p.Boundary, From: &from, Until: &until})
			}
		}
	}
	return grants
}

func earlier(a, b time.Time) *time.Time {
	if b.Before(a) {
		return &b
	}
	return &a
}

func later(a, b time.Time) *time.Time {
	if b.After(a) {
		return &b
	}
	return &a
}
