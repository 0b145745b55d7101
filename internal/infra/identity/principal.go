package identity

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/pg"
)

// The kinds of account.
const (
	KindPerson = "person" // uses services
	KindStaff  = "staff"  // provides them
)

// Principal is somebody signed in, with what he may do at this moment.
type Principal struct {
	Account uuid.UUID
	Kind    string // KindPerson or KindStaff
	Name    string // "" until he gave one
	Lang    string
	Session uuid.UUID
	Expires time.Time // machine's clock: when he must sign in again at the latest
	Grants  []Grant   // those in force
}

// Grant is one role held: for the whole tenant where Agency is "", everywhere where Boundary is "".
type Grant struct {
	ID          uuid.UUID
	Role        string
	Agency      string
	Boundary    string
	Source      string // what it follows from ("provider:eid"); "" where it was given by hand. In lists of grants alone
	Permissions []string
	From, Until *time.Time // tenant's clock; Until excluded
}

// covers reports whether the grant counts in an agency.
func (g Grant) covers(agency string) bool { return g.Agency == "" || g.Agency == agency }

// May reports whether the principal has the permission anywhere.
func (p Principal) May(permission string) bool {
	return slices.ContainsFunc(p.Grants, func(g Grant) bool { return slices.Contains(g.Permissions, permission) })
}

// MayIn reports whether the principal has the permission in the agency; agency "" asks for the whole tenant.
func (p Principal) MayIn(permission, agency string) bool {
	return slices.ContainsFunc(p.Grants, func(g Grant) bool { return g.covers(agency) && slices.Contains(g.Permissions, permission) })
}

// Roles returns the codes of the roles held in the agency, those for the whole tenant included, sorted.
func (p Principal) Roles(agency string) []string {
	var roles []string
	for _, g := range p.Grants {
		if g.covers(agency) {
			roles = append(roles, g.Role)
		}
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}

// Agencies returns the codes of the agencies in which the principal holds a role of his own, sorted. A role for the whole
// tenant adds none: ask MayIn.
func (p Principal) Agencies() []string {
	var agencies []string
	for _, g := range p.Grants {
		if g.Agency != "" {
			agencies = append(agencies, g.Agency)
		}
	}
	slices.Sort(agencies)
	return slices.Compact(agencies)
}

// Actor is the principal as the actor of a unit of work; the address and the request are the edge's to add.
func (p Principal) Actor() pg.Actor {
	return pg.Actor{ID: p.Account, Kind: p.Kind, Session: p.Session}
}
