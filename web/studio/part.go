package studio

import (
	"net/http"
	"strings"

	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	"digit/web/frame"
)

// part is a page of a draft, which edits a part of the definition.
type part struct {
	code  string   // of its address, /studio/{draft}/<code>, and of its words, "studio.part." + code; "" for the draft's first page
	icon  string   // a name of the icon set
	group string   // of the outline: "studio.group." + group in the catalogue
	areas []string // the beginnings of the paths of the definition that it edits: problems there are its own
	// spot is the query and the anchor of the place on the page that a problem's path is about; nil: the page itself.
	spot func(p *servicespec.Pack, path string) string
	// show answers a GET, and a post that was refused: then d.posted holds what was typed.
	show func(r *frame.Request, d *desk) error
	// posts are what can be done on the page, by what is added to its address ("" or "/add"). They end with Studio.change.
	posts []action
	// gets are further pages of the part, such as files and previews.
	gets []action
	// wide pages have a canvas alone.
	wide bool
}

// action is something that an address below a part's does.
type action struct {
	path string
	do   func(r *frame.Request, d *desk) error
	body int64  // bytes that a post may send; the usual where zero
	by   string // the permission, where it is another than studio:read for a page and studio:design for a post
}

// allParts lists the parts in the order of the outline.
func (s *Studio) allParts() []part {
	all := append(s.ownParts(), s.toolParts()...)
	var sorted []part
	for _, code := range outline {
		for _, p := range all {
			if p.code == code {
				sorted = append(sorted, p)
			}
		}
	}
	return sorted
}

// outline is the order in which a service is designed; what is not made yet is not shown.
var outline = []string{
	"", "texts", "form", "eligibility", "rules", "tables", "documents", "sources", "fees", "workflow", "targets", "notices", "certificates", "letters", "records",
	"translations", "try", "publish", "history",
}

func (s *Studio) routesOf(p part) []frame.Route {
	base := strings.TrimSuffix("/studio/{draft}/"+p.code, "/")
	route := func(method string, a action, permission string) frame.Route {
		if a.by != "" {
			permission = a.by
		}
		return frame.Route{
			Method: method, Pattern: base + a.path, Permission: permission, Kind: frame.Page, MaxBody: a.body,
			Handler: func(r *frame.Request) error {
				d, err := s.open(r, p)
				if err != nil {
					return err
				}
				if method == http.MethodPost && a.body == 0 {
					if done, err := s.conditions(r, d); done || err != nil {
						return err
					}
				}
				return a.do(r, d)
			},
		}
	}
	routes := []frame.Route{route(http.MethodGet, action{do: p.show}, studio.Read)}
	for _, a := range p.gets {
		routes = append(routes, route(http.MethodGet, a, studio.Read))
	}
	for _, a := range p.posts {
		routes = append(routes, route(http.MethodPost, a, studio.Design))
	}
	return routes
}

// partOf returns the part whose page a path of the definition is edited on; the first where none is.
func (s *Studio) partOf(path string) part {
	for _, p := range s.parts {
		for _, area := range p.areas {
			if path == area || strings.HasPrefix(path, area+".") {
				return p
			}
		}
	}
	return s.parts[0]
}

// problemHref leads to the spot that a problem is about.
func (s *Studio) problemHref(d *desk, path string) string {
	p := s.partOf(path)
	href := d.href(p.code)
	if p.spot != nil {
		href += p.spot(d.Pack, path)
	}
	return href
}
