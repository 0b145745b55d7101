package portal

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"strings"
	"time"

	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/internal/provider/catalog"
	"digit/web/frame"
)

const (
	// siteMost is how many addresses one sitemap may hold (sitemaps.org).
	siteMost = 50_000
	// feedMost is how many changes the feed tells.
	feedMost = 50
)

// robots tells programs that read the web what is for them: the public pages, not those of one person's or of the staff's.
func (p *Portal) robots(r *frame.Request) error {
	var b strings.Builder
	b.WriteString("User-agent: *\n")
	for _, path := range []string{"/requests", "/wallet", "/shared", "/verify/", "/profile", "/workbench", "/console", "/insight", "/staff", "/sign-in"} {
		b.WriteString("Disallow: " + path + "\n")
	}
	b.WriteString("Sitemap: " + r.Origin() + "/sitemap.xml\n")
	return write(r, "text/plain; charset=utf-8", b.String())
}

// sitemap lists the public pages for search engines (sitemaps.org).
func (p *Portal) sitemap(r *frame.Request) error {
	var list []catalog.Listed
	var agencies []agency.Agency
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if agencies, err = p.openAgencies(ctx, tx, r); err != nil {
			return err
		}
		list, err = p.deps.Catalog.Listed(ctx, tx, siteMost-len(publicPages)-len(agencies))
		return err
	}); err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	origin := html.EscapeString(r.Origin())
	for _, path := range publicPages {
		fmt.Fprintf(&b, "<url><loc>%s%s</loc></url>\n", origin, path)
	}
	for _, a := range agencies {
		fmt.Fprintf(&b, "<url><loc>%s/agencies/%s</loc><lastmod>%s</lastmod></url>\n", origin, html.EscapeString(a.Code), a.UpdatedAt.UTC().Format(time.RFC3339))
	}
	for _, s := range list {
		fmt.Fprintf(&b, "<url><loc>%s/services/%s</loc><lastmod>%s</lastmod></url>\n", origin, html.EscapeString(s.Code), s.PublishedAt.UTC().Format(time.RFC3339))
	}
	b.WriteString("</urlset>\n")
	return write(r, "application/xml; charset=utf-8", b.String())
}

var publicPages = []string{"/", "/services", "/agencies", "/verify", "/help", "/accessibility", "/privacy"}

// feed tells which services are new or changed, the latest first (Atom, RFC 4287), in the reader's language.
func (p *Portal) feed(r *frame.Request) error {
	var list []catalog.Entry
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		list, err = p.deps.Catalog.Latest(ctx, tx, feedMost)
		return err
	}); err != nil {
		return err
	}
	updated := r.Now
	if len(list) > 0 {
		updated = list[0].PublishedAt
	}
	text, origin := html.EscapeString, html.EscapeString(r.Origin())
	var b strings.Builder
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"%s\">\n", text(r.Lang))
	fmt.Fprintf(&b, "<id>%s/services.atom</id>\n<title>%s</title>\n<updated>%s</updated>\n", origin, text(r.T("portal.feed.title", "state", r.Text(r.Settings.Name))), updated.UTC().Format(time.RFC3339))
	fmt.Fprintf(&b, "<author><name>%s</name></author>\n<link rel=\"self\" href=\"%s/services.atom\"/>\n", text(r.Text(r.Settings.Name)), origin)
	for _, e := range list {
		address := origin + "/services/" + text(e.Code)
		fmt.Fprintf(&b, "<entry>\n<id>%s#%d</id>\n<title>%s</title>\n<updated>%s</updated>\n<link href=\"%s\"/>\n<summary>%s</summary>\n</entry>\n",
			address, e.Version, text(r.Text(e.Name)), e.PublishedAt.UTC().Format(time.RFC3339), address, text(r.Text(e.Summary)))
	}
	b.WriteString("</feed>\n")
	return write(r, "application/atom+xml; charset=utf-8", b.String())
}

// write answers with a text for programs.
func write(r *frame.Request, kind, body string) error {
	r.W.Header().Set("Content-Type", kind)
	r.W.WriteHeader(http.StatusOK)
	_, err := r.W.Write([]byte(body))
	return err
}
