package identity

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity/decision"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// Object is what a decision is about, Decision its answer; see package decision.
type (
	Object   = decision.Object
	Decision = decision.Decision
)

// Decide answers whether the principal may do something to one object at now, on the tenant's clock. Action is a permission or one of
// the acts of package decision. It costs no round trip: roles, policies and circumstances came with the principal.
func (p Principal) Decide(action string, on Object, now time.Time) Decision {
	law, asker, in := p.asks(now)
	return law.Decide(asker, action, on, in)
}

// explain is Decide with a verdict for each role.
func (p Principal) explain(action string, on Object, now time.Time) Decision {
	law, asker, in := p.asks(now)
	return law.Explain(asker, action, on, in)
}

func (p Principal) asks(now time.Time) (*decision.Law, *decision.Asker, decision.Circumstances) {
	law, asker := p.law, p.asker
	if law == nil {
		law = decision.House
	}
	if asker == nil {
		asker = decision.NewAsker(p.subject())
	}
	return law, asker, decision.Circumstances{Now: now, Tenant: p.tenant}
}

func (p Principal) subject() decision.Subject {
	s := decision.Subject{ID: p.Account, Kind: p.Kind, Self: p.Self, Grants: make([]decision.Grant, len(p.Grants))}
	for i, g := range p.Grants {
		s.Grants[i] = decision.Grant{
			Role: g.Role, Agency: g.Agency, Boundary: g.Boundary, Source: g.Source, Permissions: g.Permissions, From: g.From, Until: g.Until,
		}
	}
	if p.Acting != nil {
		s.For, s.Services = p.Acting.Person, p.Acting.Services
	}
	return s
}

// Refused turns a decision that does not allow into the error for whoever asked: what the tenant's own policy says where one stopped
// them, otherwise as given. Errors: ErrPolicy, or otherwise.
func (p Principal) Refused(d Decision, otherwise error) error {
	if code, own := decision.Own(d.Stop()); own {
		return ErrPolicy.With("policy", code, "reason", p.reasons[code])
	}
	return otherwise
}

// May reports whether the principal has the permission anywhere: whether a door opens behind which each object is decided.
func (p Principal) May(permission string) bool { return p.MayAt(permission, p.at) }

// MayAt is May at a moment of the tenant's clock.
func (p Principal) MayAt(permission string, now time.Time) bool {
	return !p.reach(permission, now).none()
}

// MayIn reports whether the principal has the permission in the agency; agency "" asks for the whole tenant.
func (p Principal) MayIn(permission, agency string) bool {
	return p.Decide(permission, Object{Agency: agency}, p.at).Allowed
}

// Reach is where the principal has a permission for an agency as a whole: everywhere, or in these agencies. A role that is limited to
// an area does not count. It narrows lists that are of whole agencies, such as figures.
func (p Principal) Reach(permission string) (everywhere bool, agencies []string) {
	for _, g := range p.Grants {
		switch {
		case !slices.Contains(g.Permissions, permission), !p.Decide(permission, Object{Agency: g.Agency, Located: true}, p.at).Allowed:
		case g.Agency == "":
			everywhere = true
		case !slices.Contains(agencies, g.Agency):
			agencies = append(agencies, g.Agency)
		}
	}
	return everywhere, agencies
}

// Touched reports whether a policy of the tenant's own may have a say in an action, so that a list which SQL has narrowed by roles
// must be looked through once more.
func (p Principal) Touched(action string) bool { return p.law != nil && p.law.Touches(action) }

// reach is where the principal has the permission: each role is asked in its own place.
func (p Principal) reach(permission string, now time.Time) (r reach) {
	if p.Kind == "system" {
		return reach{everywhere: true}
	}
	for _, g := range p.Grants {
		if !slices.Contains(g.Permissions, permission) || g.Agency != "" && slices.Contains(r.agencies, g.Agency) {
			continue
		}
		here := Object{Agency: g.Agency, Located: g.Boundary != "", Areas: []string{g.Boundary}}
		switch {
		case !p.Decide(permission, here, now).Allowed:
		case g.Agency == "":
			r.everywhere = true
		default:
			r.agencies = append(r.agencies, g.Agency)
		}
	}
	return r
}

// within are the agencies in which the principal holds the permission, for a query to narrow a list by; nil where it is held for the whole
// state. What policies of the tenant's own take away from that, each row is asked.
func (p Principal) within(permission string) []string {
	agencies := []string{}
	for _, g := range p.Grants {
		if !slices.Contains(g.Permissions, permission) {
			continue
		}
		if g.Agency == "" {
			return nil
		}
		agencies = append(agencies, g.Agency)
	}
	if p.Kind == "system" {
		return nil
	}
	return agencies
}

// standing is what the database tells of an account beside who it is; see identity.standing.
type standing struct {
	Grants   []Grant `json:"grants"`
	Tenant   string  `json:"tenant"`
	Policies []struct {
		decision.Policy
		Reason i18n.Text `json:"reason"`
	} `json:"policies"`
	Self   []uuid.UUID `json:"self"`
	Guests []uuid.UUID `json:"guests"`
	Guest  bool        `json:"guest"`
	Acting *struct {
		Delegation uuid.UUID  `json:"delegation"`
		Person     uuid.UUID  `json:"person"`
		Name       string     `json:"name"` // sealed, in base 64 as PostgreSQL breaks it into lines
		Services   []string   `json:"services"`
		Until      *time.Time `json:"until"`
		Business   bool       `json:"business"`
	} `json:"acting"`
}

// give puts the standing into the principal, save for whom it acts for.
func (st standing) give(p *Principal, now time.Time) (err error) {
	p.Grants, p.Self, p.Guest, p.Guests, p.tenant, p.at = st.Grants, st.Self, st.Guest, st.Guests, st.Tenant, now
	var own []decision.Policy
	for _, o := range st.Policies {
		if p.reasons == nil {
			p.reasons = map[string]i18n.Text{}
		}
		own, p.reasons[o.Code] = append(own, o.Policy), o.Reason
	}
	if p.law, err = decision.With(own); err != nil {
		return err
	}
	p.asker = decision.NewAsker(p.subject())
	return nil
}

// stand gives the principal what decisions look at.
func (s *Service) stand(ctx context.Context, tx *pg.Tx, p *Principal, raw json.RawMessage) error {
	var st standing
	if err := json.Unmarshal(raw, &st); err != nil {
		return err
	}
	if a := st.Acting; a != nil {
		sealed, err := base64.StdEncoding.DecodeString(a.Name)
		if err != nil {
			return err
		}
		p.Acting = &Acting{Delegation: a.Delegation, Person: a.Person, Services: a.Services, Until: a.Until, Business: a.Business}
		if p.Acting.Name, err = s.openName(ctx, tx, a.Person, sealed); err != nil {
			return err
		}
	}
	return st.give(p, tx.Now)
}
