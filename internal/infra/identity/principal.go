package identity

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity/decision"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// The kinds of account.
const (
	KindPerson = "person" // uses services
	KindStaff  = "staff"  // provides them
	// KindBusiness is no one human being: a company, a sole trader's business, an association. Nobody signs in to it; its members act for it.
	KindBusiness = "business"
	// KindMachine is no account but another system that calls the API.
	KindMachine = "machine"
)

// Principal is somebody signed in, with what he may do at this moment.
type Principal struct {
	Account uuid.UUID
	Kind    string // KindPerson, KindStaff or KindMachine
	Name    string // "" until he gave one
	Lang    string
	Session uuid.UUID
	Expires time.Time // machine's clock: when he must sign in again at the latest
	Methods []string  // by what he proved himself, in the order in which it happened: MethodPasskey, ChannelSMS, …
	Level   int       // 1 where he proved one factor, 2 for two (NIST SP 800-63B)
	// Authenticated is when he last proved himself, on the machine's clock: at the sign-in, or later when asked to.
	Authenticated time.Time
	Grants        []Grant // those in force
	// Self are accounts that evidently belong to the same human being: the citizen's of a member of staff, and the other way
	// round. They share an address that both proved, or a login at a provider. The businesses for which that human being acts are
	// among them: nobody decides for the state about their own.
	Self []uuid.UUID
	// Guest says that it is a person without an account, who may do what guests may and nothing else.
	Guest bool
	// Guests are those as whom the person applied before, without an account: what they have is the person's.
	Guests []uuid.UUID
	// Acting says whom he acts for at the moment; nil for himself.
	Acting *Acting

	at      time.Time // tenant's clock: when this was so
	tenant  string    // active or suspended
	law     *decision.Law
	reasons map[string]i18n.Text // of the tenant's own policies
	asker   *decision.Asker
}

// Acting is for whom somebody acts with their consent.
type Acting struct {
	Delegation uuid.UUID
	Person     uuid.UUID
	Name       string
	Services   []string   // codes; empty for all
	Until      *time.Time // tenant's clock, excluded
	Business   bool       // Person is a business
}

// Grant is one role held: for the whole tenant where Agency is "", everywhere where Boundary is "".
type Grant struct {
	ID          uuid.UUID
	Role        string
	Agency      string
	Boundary    string
	Source      string // what it follows from ("provider:eid"); "" where it was given by hand
	Permissions []string
	From, Until *time.Time // tenant's clock; Until excluded
}

// covers reports whether the grant counts in an agency.
func (g Grant) covers(agency string) bool { return g.Agency == "" || g.Agency == agency }

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

// Actor is the principal as the actor of a unit of work; the address and the request are the edge's to add. For whom it
// is done is said too, where the principal acts for somebody else.
func (p Principal) Actor() pg.Actor {
	actor := pg.Actor{ID: p.Account, Kind: p.Kind, Session: p.Session}
	if p.Acting != nil {
		actor.OnBehalf = p.Acting.Person
	} else {
		actor.Guests = p.Guests
	}
	return actor
}
