// Package simulator has the doors and pages of the simulated world of demonstration and sandbox tenants: the phones
// and mailboxes, the card provider with its payment page, the identity provider, and the foreign agency. Programs speak
// to it below /sim, in the protocols of the real providers; people look at it below /simulator. None of it exists for a
// production tenant.
package simulator

import (
	"context"
	"net/http"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/simulator"
	"digit/web/frame"
	"digit/web/ui"
)

// Deps is what the simulator's pages call. Identity names the staff one may sign in as.
type Deps struct {
	Simulator *simulator.Service
	Identity  *identity.Service
}

// Simulator holds the handlers.
type Simulator struct{ deps Deps }

// New makes the simulator's pages.
func New(d Deps) *Simulator {
	if d.Simulator == nil || d.Identity == nil {
		panic("simulator.New: a dependency is missing")
	}
	return &Simulator{deps: d}
}

// Routes lists the simulator's routes; all of them exist in demonstrations only.
func (s *Simulator) Routes() []frame.Route {
	const get, post = http.MethodGet, http.MethodPost
	route := func(kind frame.Kind, method, pattern string, h func(*frame.Request) error) frame.Route {
		return frame.Route{Method: method, Pattern: pattern, Permission: frame.Public, Kind: kind, Handler: h, DemoOnly: true}
	}
	return []frame.Route{
		route(frame.Page, get, "/simulator", s.hub),
		route(frame.Page, get, "/simulator/messages", s.messages),
		route(frame.Page, get, "/simulator/phones", s.phone),
		{Method: post, Pattern: "/simulator/phones", Permission: frame.Public, Kind: frame.Page, Handler: s.phoneWrite, DemoOnly: true, MaxBody: phoneLimit},
		route(frame.API, post, "/sim/whatsapp/{phone}/messages", s.whatsapp),
		route(frame.API, get, "/sim/whatsapp/{media}", s.mediaShow),
		route(frame.API, get, "/sim/whatsapp/{media}/content", s.mediaContent),
		route(frame.Page, get, "/simulator/cards", s.charges),
		route(frame.Page, get, "/simulator/cards/{ref}", s.payAsk),
		route(frame.Page, get, "/simulator/people", s.people),
		route(frame.Page, get, "/simulator/agency", s.cases),
		route(frame.Page, get, "/simulator/agency/{id}", s.caseShow),
		route(frame.Page, post, "/simulator/agency/{id}", s.caseAnswer),

		route(frame.Page, get, "/sim/cards/pay/{ref}", s.payAsk),
		route(frame.Page, post, "/sim/cards/pay/{ref}", s.pay),
		route(frame.API, post, "/sim/cards/charges", s.chargeCreate),
		route(frame.API, get, "/sim/cards/charges/{ref}", s.chargeShow),

		route(frame.API, get, "/sim/idp/.well-known/openid-configuration", s.discovery),
		route(frame.Page, get, "/sim/idp/authorize", s.authorizeAsk),
		route(frame.Page, post, "/sim/idp/authorize", s.authorize),
		route(frame.API, post, "/sim/idp/token", s.token),
		route(frame.API, get, "/sim/idp/jwks", s.jwks),
		route(frame.API, get, "/sim/idp/userinfo", s.userInfo),

		route(frame.Hook, post, "/sim/agency", s.caseTake),
		route(frame.Hook, post, "/sim/agency/{agency}", s.caseTake),
	}
}

// site is the portal's frame with the simulator's own pages in its navigation, so that nobody takes one for the other.
func (s *Simulator) site(r *frame.Request) ui.Site {
	site := r.Site("")
	site.HomeURL, site.Nav = "/simulator", nil
	for _, n := range []struct{ key, href string }{
		{"simulator.nav.messages", "/simulator/messages"},
		{"simulator.nav.phones", "/simulator/phones"},
		{"simulator.nav.cards", "/simulator/cards"},
		{"simulator.nav.people", "/simulator/people"},
		{"simulator.nav.agency", "/simulator/agency"},
	} {
		site.Nav = append(site.Nav, ui.NavItem{Label: r.T(n.key), Href: n.href, Current: r.URL.Path == n.href})
	}
	return site
}

type hubView struct {
	Site  ui.Site
	Cards []ui.CardView
	Staff []staffView
	Clock string
}

type staffView struct {
	Name, Roles, Address string
}

// hub shows what can be simulated and as whom one may sign in.
func (s *Simulator) hub(r *frame.Request) error {
	staff, err := s.staff(r)
	if err != nil {
		return err
	}
	v := hubView{Site: s.site(r), Staff: staff, Clock: ui.DateTime(r.Context(), r.Now)}
	for _, c := range []struct{ name, icon, href string }{
		{"messages", "message-square", "/simulator/messages"},
		{"phones", "phone", "/simulator/phones"},
		{"cards", "wallet", "/simulator/cards"},
		{"people", "users", "/simulator/people"},
		{"agency", "building-2", "/simulator/agency"},
		{"clock", "clock", "/console/clock"},
		{"portal", "house", "/"},
	} {
		v.Cards = append(v.Cards, ui.CardView{
			Icon: c.icon, Href: c.href, Title: r.T("simulator.hub." + c.name), Text: r.T("simulator.hub." + c.name + ".text"),
		})
	}
	return r.HTML(hubPage(v))
}

// staff lists the staff of a demonstration with how they sign in. That is no secret here: the people are invented and
// the codes sent to them are read in the simulated mailboxes.
func (s *Simulator) staff(r *frame.Request) (list []staffView, err error) {
	scope := pg.Scope{Tenant: r.Tenant.ID, Actor: pg.System(), ReadOnly: true}
	err = r.DB().InTx(r.Context(), scope, func(ctx context.Context, tx *pg.Tx) error {
		roles, err := s.deps.Identity.Roles(ctx, tx)
		if err != nil {
			return err
		}
		names := map[string]string{}
		for _, role := range roles {
			names[role.Code] = r.Text(role.Name)
		}
		found, err := s.deps.Identity.Accounts(ctx, tx, identity.Filter{Kind: identity.KindStaff, Status: "active"}, page.Request{Size: 100})
		for _, a := range found.Rows {
			if v := staffMember(a, names); v.Address != "" {
				list = append(list, v)
			}
		}
		return err
	})
	return list, err
}

func staffMember(a identity.AccountRow, roles map[string]string) staffView {
	v := staffView{Name: a.Name}
	for _, g := range a.Grants {
		name := roles[g.Role]
		if name == "" {
			name = g.Role
		}
		if g.Agency != "" {
			name += " (" + g.Agency + ")"
		}
		if v.Roles != "" {
			name = ", " + name
		}
		v.Roles += name
	}
	for _, c := range a.Contacts {
		if v.Address == "" || c.Channel == identity.ChannelEmail {
			v.Address = c.Address
		}
	}
	return v
}
