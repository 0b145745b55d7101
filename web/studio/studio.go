// Package studio has the pages on which services are designed: drafts, the parts of a draft with what the citizen will see beside
// what can be set, and the way to publication. Everything works without script; every list can be searched, sorted,
// paged by key and taken along as CSV.
//
// A draft's pages are parts: part.go says what one is, parts.go and tools.go list them. A handler gets the draft opened (desk)
// and shows a canvas and properties with Studio.render; what it posts goes through Studio.change.
package studio

import (
	"net/http"

	"digit/internal/infra/certificate"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/refdata"
	"digit/internal/provider/agency"
	"digit/internal/provider/catalog"
	"digit/internal/provider/studio"
	"digit/web/frame"
)

// Deps is what the Studio's pages call.
type Deps struct {
	Studio   *studio.Service
	Catalog  *catalog.Service
	Agencies *agency.Service
	Identity *identity.Service
	Refdata  *refdata.Service
	// Certificates shows certificates as they will be printed.
	Certificates *certificate.Service
	Texts        *i18n.Catalog
}

// Studio holds the handlers.
type Studio struct {
	deps  Deps
	parts []part
}

// New makes the Studio's pages; it panics where a dependency is missing.
func New(d Deps) *Studio {
	if d.Studio == nil || d.Catalog == nil || d.Agencies == nil || d.Identity == nil || d.Refdata == nil || d.Certificates == nil || d.Texts == nil {
		panic("studio.New: a dependency is missing")
	}
	s := &Studio{deps: d}
	s.parts = s.allParts()
	return s
}

// uploadLimit is what a file with a service may send.
const uploadLimit = 4 << 20

// Routes lists the Studio's routes.
func (s *Studio) Routes() []frame.Route {
	const get, post = http.MethodGet, http.MethodPost
	page := func(method, pattern, permission string, h func(*frame.Request) error) frame.Route {
		return frame.Route{Method: method, Pattern: "/studio" + pattern, Permission: permission, Kind: frame.Page, Handler: h}
	}
	upload := page(post, "/new/file", studio.Design, s.beginFile)
	upload.MaxBody = uploadLimit
	routes := []frame.Route{
		page(get, "", studio.Read, s.drafts),
		page(get, "/discarded", studio.Read, s.discarded),
		page(get, "/library", studio.Design, s.library),
		page(get, "/library/{code}", studio.Design, s.libraryAsk),
		page(post, "/library/{code}", studio.Design, s.beginLibrary),
		page(get, "/new", studio.Design, s.beginAsk),
		page(get, "/new/blank", studio.Design, s.blankAsk),
		page(post, "/new/blank", studio.Design, s.beginBlank),
		page(get, "/new/version", studio.Design, s.versions),
		page(post, "/new/version/{code}", studio.Design, s.beginVersion),
		page(get, "/new/file", studio.Design, s.fileAsk),
		upload,
		page(get, "/proposals", studio.Read, s.proposals),
		page(get, "/proposals/{proposal}", studio.Read, s.proposal),
		page(post, "/proposals/{proposal}/approve", studio.Approve, s.approve),
		page(post, "/proposals/{proposal}/refuse", studio.Approve, s.refuseProposal),
		page(post, "/proposals/{proposal}/withdraw", studio.Read, s.withdraw),
		page(post, "/{draft}/undo", studio.Design, s.undo),
		page(post, "/{draft}/redo", studio.Design, s.redo),
		page(get, "/{draft}/discard", studio.Design, s.discardAsk),
		page(post, "/{draft}/discard", studio.Design, s.discard),
		page(post, "/{draft}/take-back", studio.Design, s.takeBack),
	}
	for _, p := range s.parts {
		routes = append(routes, s.routesOf(p)...)
	}
	return routes
}
