// Package install is what makes the site installable on a phone: the manifests, the worker that browsers keep, and the page that
// stands in for others where there is no network.
package install

import (
	"encoding/json"
	"net/http"

	"digit/web/asset"
	"digit/web/frame"
	"digit/web/ui"
)

// Install holds the handlers.
type Install struct{}

// New makes the surface.
func New() *Install { return &Install{} }

// Routes lists the routes.
func (i *Install) Routes() []frame.Route {
	get := func(pattern string, h func(*frame.Request) error) frame.Route {
		return frame.Route{Method: http.MethodGet, Pattern: pattern, Permission: frame.Public, Kind: frame.Page, Handler: h}
	}
	return []frame.Route{
		get("/manifest.webmanifest", i.portal),
		get("/field/manifest.webmanifest", i.field),
		get("/worker.js", i.worker),
		get("/offline", i.offline),
	}
}

// manifest is a Web Application Manifest (W3C).
type manifest struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	ShortName  string `json:"short_name"`
	Lang       string `json:"lang"`
	Dir        string `json:"dir"`
	StartURL   string `json:"start_url"`
	Scope      string `json:"scope"`
	Display    string `json:"display"`
	Background string `json:"background_color"`
	Theme      string `json:"theme_color"`
	Icons      []icon `json:"icons"`
}

type icon struct {
	Source  string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose"`
}

func (i *Install) portal(r *frame.Request) error {
	name := r.Site("").Name
	return send(r, manifest{ID: "/", Name: name, ShortName: name, StartURL: "/", Scope: "/"})
}

func (i *Install) field(r *frame.Request) error {
	return send(r, manifest{ID: "/field", Name: r.T("field.title") + " – " + r.Site("").Name, ShortName: r.T("field.title"), StartURL: "/field", Scope: "/field"})
}

func send(r *frame.Request, m manifest) error {
	m.Lang, m.Dir, m.Display, m.Background, m.Theme = r.Lang, ui.LocaleOf(r.Context()).Dir, "standalone", "#ffffff", r.Settings.Accent
	if m.Theme == "" {
		m.Theme = "#003893"
	}
	for _, purpose := range []string{"any", "maskable"} {
		m.Icons = append(m.Icons, icon{Source: asset.Path("icon.svg"), Sizes: "any", Type: "image/svg+xml", Purpose: purpose})
	}
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return write(r, "application/manifest+json", b)
}

// worker is the script that browsers keep, with the files it keeps in turn: when one of them changes, so does the script, and browsers
// take the new one.
func (i *Install) worker(r *frame.Request) error {
	keep := []string{asset.Path("digit.css"), asset.Path("digit.js"), asset.Path("field.js"), asset.Path("form.js"), asset.Path("favicon.svg"), asset.Path("icon.svg")}
	if theme := r.Site("").ThemeURL; theme != "" {
		keep = append(keep, theme)
	}
	list, err := json.Marshal(keep)
	if err != nil {
		return err
	}
	return write(r, "text/javascript; charset=utf-8", append(append([]byte("const KEEP = "), append(list, ";\n"...)...), asset.Worker()...))
}

func write(r *frame.Request, mediaType string, body []byte) error {
	r.W.Header().Set("Content-Type", mediaType)
	r.W.Header().Set("Cache-Control", "no-cache")
	_, err := r.W.Write(body)
	return err
}

// offline says what works without a network. It holds nobody's data, since browsers keep it.
func (i *Install) offline(r *frame.Request) error {
	site := r.Site("")
	site.SignedIn, site.SignOutAction, site.SignInURL, site.Account, site.Capacities, site.Clock = "", "", "", nil, nil, ""
	return r.HTML(offlinePage(site))
}
