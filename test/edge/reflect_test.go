package edge

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestNothingIsReflected: whatever stands in an address, no page shows it as markup and no header is made of it.
func TestNothingIsReflected(t *testing.T) {
	t.Parallel()
	h := open(t)
	s := h.stage(t)
	names := []string{
		"q", "after", "done", "next", "show", "state", "service", "queue", "from", "to", "channel", "status", "action", "actor", "object", "address", "id", "edit", "page",
		"area", "due", "agency", "lang", "life_event", "text", "code", "error", "error_description", "redirect_uri", "client_id", "days", "kind", "tenant", "utm_source",
	}
	asked := 0
	for who, c := range map[string]*client{"anybody": h.visitor(t), "the citizen": s.owner, "the administrator": h.staff(t, administrator), "the clerk": h.staff(t, clerk)} {
		for _, r := range sorted(h.Routes) {
			if r.Method != http.MethodGet {
				continue
			}
			for _, evil := range []string{`"><script>zvq()</script>`, `'"><img src=x onerror=zvq()>`, "zvq\r\nSet-Cookie: zvq=1\r\n\r\n<html>", "%s%d%n%!x(MISSING)%20s"} {
				q := url.Values{}
				for _, name := range names {
					q.Set(name, evil)
				}
				a := c.send(r.Method, s.path(r.Pattern)+"?"+q.Encode(), nil, map[string]string{"Referer": "http://evil.example/" + url.QueryEscape(evil), "User-Agent": `"><script>zvq()</script>`})
				asked++
				for _, tell := range []string{"<script>zvq", "<img src=x onerror"} {
					if strings.Contains(a.body, tell) && strings.Contains(a.header.Get("Content-Type"), "html") {
						t.Errorf("%s as %s shows %q", r.Pattern, who, tell)
					}
				}
				if !strings.HasPrefix(a.header.Get("Content-Type"), "application/pdf") && strings.Contains(a.body, "%!") && !strings.Contains(a.body, "%!x(MISSING)") {
					t.Errorf("%s as %s takes what was sent for a format", r.Pattern, who)
				}
				for name, values := range a.header {
					for _, v := range values {
						if name == "Set-Cookie" && strings.HasPrefix(v, "zvq") || strings.ContainsAny(v, "\r\n") {
							t.Errorf("%s as %s has the header %s: %q", r.Pattern, who, name, v)
						}
					}
				}
			}
		}
	}
	t.Logf("%d answers", asked)
}
