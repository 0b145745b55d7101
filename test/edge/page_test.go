package edge

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"digit/cmd/digit/app"
	"digit/test/browser"
	"digit/web/frame"
)

// seenElsewhere are pages that this test does not reach, and what opens them to axe instead.
var seenElsewhere = map[string]string{}

// found is a page of a route, and who may see it.
type found struct {
	who  visitor
	path string
}

var hrefs = regexp.MustCompile(`\shref="(/[^"#]*)`)

// shape matches the addresses of a route.
func shape(pattern string) *regexp.Regexp {
	parts := strings.Split(pattern, "/")
	for n, part := range parts {
		if parts[n] = regexp.QuoteMeta(part); strings.HasPrefix(part, "{") {
			parts[n] = "[^/]+"
		}
	}
	return regexp.MustCompile("^" + strings.Join(parts, "/") + "$")
}

// pages looks for one page of each route: at the address that the stage gives it, or where a link of another page leads. Files are no pages.
func (h *house) pages(t *testing.T, s stage, people []visitor) (pages map[string]found, missed []string) {
	t.Helper()
	pages = map[string]found{}
	links := map[string][]string{} // of each visitor
	files := map[string]bool{}
	try := func(p visitor, pattern, path string) {
		a := p.c.get(path)
		if a.status != http.StatusOK {
			return
		}
		if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || !strings.Contains(a.body, "<html") { // or parts that a page puts into itself
			files[pattern] = true
			return
		}
		pages[pattern] = found{p, path}
		for _, m := range hrefs.FindAllStringSubmatch(a.body, -1) {
			if to, _, _ := strings.Cut(m[1], "?"); !slices.Contains(links[p.name], to) {
				links[p.name] = append(links[p.name], to)
			}
		}
	}
	var routes []frame.Route
	for _, r := range sorted(h.Routes) {
		if r.Method == http.MethodGet && r.Kind == frame.Page {
			routes = append(routes, r)
		}
	}
	open := func(r frame.Route, p visitor) bool {
		_, known := pages[r.Pattern]
		return !known && !files[r.Pattern] && !shut(r, p.name)
	}
	for _, p := range people {
		for _, r := range routes {
			if open(r, p) {
				try(p, r.Pattern, s.path(r.Pattern))
			}
		}
	}
	for range 4 {
		for _, p := range people {
			for _, r := range routes {
				at := shape(r.Pattern)
				for _, to := range links[p.name] {
					if open(r, p) && at.MatchString(to) {
						try(p, r.Pattern, to)
					}
				}
			}
		}
	}
	for _, r := range routes {
		if _, known := pages[r.Pattern]; !known && !files[r.Pattern] {
			missed = append(missed, r.Pattern)
		}
	}
	return pages, missed
}

// why says what everybody is answered at an address.
func why(people []visitor, path string) (said string) {
	for _, p := range people {
		said += " " + p.name + " " + class(p.c.get(path))
	}
	return path + said
}

// TestEveryPageIsAccessible opens one page of every route as somebody who may see it, on a small telephone: axe finds nothing, and nothing is
// wider than the window. A new page that nobody comes to here has to say in seenElsewhere who looks at it.
func TestEveryPageIsAccessible(t *testing.T) {
	t.Parallel()
	b := browser.New(t)
	h := own(t, app.Config{})
	s := h.stage(t)
	officer := h.staff(t, clerk)
	officer.claim(s.open)
	h.around(t, s, officer)
	h.refresh(t)
	people := []visitor{{"anonymous", h.visitor(t)}, {"citizen", s.owner}}
	for _, staff := range []struct{ role, address string }{
		{"registry-clerk", clerk},
		{"registrar", registrar},
		{"licence-manager", otherManager},
		{"desk-operator", deskOperator},
		{"desk-supervisor", deskSupervisor},
		{"designer", designer},
		{"service-approver", approver},
		{"agency-admin", agencyAdmin},
		{"auditor", auditor},
		{"administrator", administrator},
	} {
		people = append(people, visitor{staff.role, h.staff(t, staff.address)})
	}
	pages, missed := h.pages(t, s, people)
	for _, pattern := range missed {
		if seenElsewhere[pattern] == "" {
			t.Errorf("nobody looks at %s with axe: %s", pattern, why(people, s.path(pattern)))
		}
	}
	t.Logf("%d pages are looked at, %d elsewhere", len(pages), len(missed))
	for _, p := range people {
		w := b.Page(t, browser.Options{JS: true, Width: 360, Lang: "pt"})
		at, err := url.Parse(p.c.base)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range p.c.http.Jar.Cookies(at) {
			w.Cookie(p.c.base, k.Name, k.Value)
		}
		for _, r := range sorted(h.Routes) {
			if f, ok := pages[r.Pattern]; ok && f.who.name == p.name && r.Method == http.MethodGet {
				w.Open(p.c.base + f.path)
				w.Fits()
				w.Axe()
			}
		}
	}
}
