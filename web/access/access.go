// Package access has the pages on which people and staff say in what capacity they act: who represents them, whom they represent, for
// which businesses they apply and who else does, when
// staff are away and who stands in for them, and roles that they take themselves in an emergency.
package access

import (
	"net/http"

	"digit/internal/consumer/business"
	"digit/internal/infra/document"
	"digit/internal/infra/identity"
	"digit/internal/infra/refdata"
	"digit/internal/provider/agency"
	"digit/internal/provider/catalog"
	"digit/web/frame"
)

// Deps is what the pages call.
type Deps struct {
	Identity *identity.Service
	Catalog  *catalog.Service
	Agencies *agency.Service

	Businesses *business.Service
	Documents  *document.Service
	Refdata    *refdata.Service
}

// Access holds the handlers.
type Access struct{ deps Deps }

// New makes the pages; it panics where a dependency is missing.
func New(d Deps) *Access {
	if d.Identity == nil || d.Catalog == nil || d.Agencies == nil || d.Businesses == nil || d.Documents == nil || d.Refdata == nil {
		panic("access.New: a dependency is missing")
	}
	return &Access{deps: d}
}

// Routes lists the routes.
func (a *Access) Routes() []frame.Route {
	page := func(method, pattern, permission string, h func(*frame.Request) error) frame.Route {
		return frame.Route{Method: method, Pattern: pattern, Permission: permission, Kind: frame.Page, Handler: h}
	}
	fresh := func(r frame.Route) frame.Route {
		r.Fresh = frame.FreshFor
		return r
	}
	const get, post = http.MethodGet, http.MethodPost
	leave := page(post, "/representing/leave", frame.SignedIn, a.leave)
	claim := fresh(page(post, "/businesses/new", frame.Citizen, a.businessClaim))
	claim.MaxBody, claim.PerMinute = paperMost, claimsPerMinute
	leave.Representative = true // so that it is recorded for whom they have acted
	return []frame.Route{
		page(get, "/profile/representatives", frame.Citizen, a.representatives),
		fresh(page(get, "/profile/representatives/new", frame.Citizen, a.inviteAsk)),
		fresh(page(post, "/profile/representatives/new", frame.Citizen, a.invite)),
		page(get, "/profile/representatives/{id}/end", frame.Citizen, a.endAsk("/profile/representatives")),
		page(post, "/profile/representatives/{id}/end", frame.Citizen, a.end("/profile/representatives")),

		page(get, "/representing", frame.SignedIn, a.representing),
		page(post, "/representing/{id}/accept", frame.SignedIn, a.accept),
		page(post, "/representing/{id}/act", frame.SignedIn, a.act),
		page(get, "/representing/{id}/end", frame.SignedIn, a.endAsk("/representing")),
		page(post, "/representing/{id}/end", frame.SignedIn, a.end("/representing")),
		leave,

		page(get, "/businesses", frame.Citizen, a.businesses),
		fresh(page(get, "/businesses/new", frame.Citizen, a.businessAsk)),
		claim,
		page(get, "/businesses/{id}", frame.Citizen, a.business),
		page(get, "/businesses/{id}/edit", frame.Citizen, a.businessEdit),
		page(post, "/businesses/{id}/edit", frame.Citizen, a.businessSave),
		fresh(page(get, "/businesses/{id}/members/new", frame.Citizen, a.memberAsk)),
		fresh(page(post, "/businesses/{id}/members/new", frame.Citizen, a.memberInvite)),
		page(get, "/businesses/{id}/members/{member}/end", frame.Citizen, a.memberEndAsk),
		page(post, "/businesses/{id}/members/{member}/end", frame.Citizen, a.memberEnd),

		page(get, "/staff/absences", frame.Staff, a.absences),
		page(get, "/staff/absences/new", frame.Staff, a.absenceAsk),
		page(post, "/staff/absences/new", frame.Staff, a.absenceSave),
		page(post, "/staff/absences/{id}/confirm", frame.Staff, a.absenceAct(true)),
		page(post, "/staff/absences/{id}/refuse", frame.Staff, a.absenceAct(false)),
		page(get, "/staff/absences/{id}/end", frame.Staff, a.absenceEndAsk),
		page(post, "/staff/absences/{id}/end", frame.Staff, a.absenceEnd),

		page(get, "/staff/emergency", "identity:break-glass", a.emergencyAsk),
		fresh(page(post, "/staff/emergency", "identity:break-glass", a.emergencyTake)),
		page(post, "/staff/emergency/end", frame.Staff, a.emergencyEnd),
	}
}
