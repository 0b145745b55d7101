package agency

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
)

// Position is a place in an agency that somebody holds for a time, with the roles that go with it: for the whole agency, or for the
// area Boundary. It may belong to an Office and report to another position of the agency. A closed one takes nobody new.
type Position struct {
	Agency    string
	Code      string
	Title     i18n.Text
	Office    string // "" for none in particular
	Boundary  string // "" for everywhere
	Roles     []string
	ReportsTo string // "" for none
	Seats     int    // how many may hold it at a time
	Closed    bool
	UpdatedAt time.Time
}

// Holding says that an account holds a position from From until Until, which is excluded, on the tenant's clock; nil until vacated.
type Holding struct {
	ID       uuid.UUID
	Agency   string
	Position string
	Title    i18n.Text // of the position; in lists of what an account holds alone
	Account  uuid.UUID
	From     time.Time
	Until    *time.Time
}

// Current reports whether the position is held so at now.
func (h Holding) Current(now time.Time) bool {
	return !now.Before(h.From) && (h.Until == nil || now.Before(*h.Until))
}

// overlaps reports whether two holdings share a moment.
func (h Holding) overlaps(o Holding) bool {
	return (h.Until == nil || o.From.Before(*h.Until)) && (o.Until == nil || h.From.Before(*o.Until))
}

// mostSeats is more than any agency has of one position.
const mostSeats = 10000

func (p Position) check() []fault.Field {
	fields := check(p.Code, p.Title)
	for i := range fields {
		if fields[i].Path == "name" {
			fields[i].Path = "title"
		}
	}
	if p.Seats < 1 || p.Seats > mostSeats {
		fields = append(fields, fault.Field{Path: "seats", Code: "agency.seats", Args: map[string]any{"max": mostSeats}})
	}
	return fields
}

// full reports whether a position has no seat left for a holding at some moment of its time. Most are taken at once where one begins.
func full(p Position, h Holding, others []Holding) bool {
	moments := []time.Time{h.From}
	for _, o := range others {
		if h.overlaps(o) && o.From.After(h.From) {
			moments = append(moments, o.From)
		}
	}
	return slices.ContainsFunc(moments, func(at time.Time) bool {
		taken := 0
		for _, o := range others {
			if o.Current(at) {
				taken++
			}
		}
		return taken >= p.Seats
	})
}
