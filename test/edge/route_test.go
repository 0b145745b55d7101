package edge

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"digit/web"
	"digit/web/frame"
)

// TestRoutes keeps the route table: a new door shows up here, with who may open it.
func TestRoutes(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := frame.Check(h.Routes); err != nil {
		t.Fatal(err)
	}
	var table []string
	for _, r := range sorted(h.Routes) {
		line := fmt.Sprintf("%-4s %-60s %-20s %s", r.Method, r.Pattern, r.Permission, r.Kind)
		if r.DemoOnly {
			line += " demo"
		}
		if r.Representative {
			line += " for-another"
		}
		table = append(table, line)
	}
	golden(t, "routes.golden", table)
}

func sorted(routes []frame.Route) []frame.Route {
	routes = slices.Clone(routes)
	slices.SortFunc(routes, func(a, b frame.Route) int {
		return strings.Compare(a.Pattern+" "+a.Method, b.Pattern+" "+b.Method)
	})
	return routes
}

func TestRouteWithoutPermission(t *testing.T) {
	t.Parallel()
	handler := func(*frame.Request) error { return nil }
	for name, r := range map[string]frame.Route{
		"none":    {Method: http.MethodGet, Pattern: "/x", Kind: frame.Page, Handler: handler},
		"made up": {Method: http.MethodGet, Pattern: "/x", Permission: "everybody", Kind: frame.Page, Handler: handler},
		"no kind": {Method: http.MethodGet, Pattern: "/x", Permission: frame.Public, Handler: handler},
		"delete":  {Method: http.MethodDelete, Pattern: "/x", Permission: frame.Public, Kind: frame.Page, Handler: handler},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if recover() == nil {
					t.Error("such a route was taken in")
				}
			}()
			web.New(web.Config{Routes: []frame.Route{r}})
		})
	}
}

// TestMethods: a door for posts is no door for anything else.
func TestMethods(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.visitor(t)
	gets := map[string]bool{}
	for _, r := range h.Routes {
		gets[r.Pattern] = gets[r.Pattern] || r.Method == http.MethodGet
	}
	for _, r := range h.Routes {
		path := fillPath(r.Pattern, nil)
		if r.Method == http.MethodPost && !gets[r.Pattern] {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				if a := c.send(method, path, nil, nil); a.status != http.StatusNotFound && a.status != http.StatusMethodNotAllowed {
					t.Errorf("%s %s: got %d", method, r.Pattern, a.status)
				}
			}
		}
		for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch} {
			if a := c.send(method, path, nil, nil); a.status != http.StatusNotFound && a.status != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: got %d", method, r.Pattern, a.status)
			}
		}
	}
}
