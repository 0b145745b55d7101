package edge

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"digit/cmd/digit/app"
)

func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.citizen(t, "Joana Lima")
	for _, r := range h.Routes {
		if r.Method != http.MethodPost || strings.HasPrefix(r.Pattern, "/hooks/") {
			continue
		}
		for _, header := range []map[string]string{
			{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site", "Origin": "http://sandbox.localhost"},
		} {
			header["Content-Type"] = formType
			if a := c.send(http.MethodPost, fillPath(r.Pattern, nil), strings.NewReader("name=Evil&lang=en"), header); a.status != http.StatusForbidden {
				t.Errorf("POST %s with %v: got %d, want 403", r.Pattern, header, a.status)
			}
		}
	}
	if a := c.get("/profile"); strings.Contains(a.body, "Evil") {
		t.Error("the name was changed from another site")
	}
	a := c.send(http.MethodPost, "/profile", strings.NewReader("name=Evil"), map[string]string{"Content-Type": formType, "Origin": "https://evil.example"})
	if !strings.Contains(a.body, "<html") || !strings.Contains(a.body, `lang="en"`) {
		t.Errorf("the refusal is no page in the reader's language: %s", text(a.body))
	}
	p := c.send(http.MethodPost, "/api/v1/verify", strings.NewReader(`{}`), map[string]string{"Content-Type": "application/json", "Origin": "https://evil.example"})
	c.problem(p, http.StatusForbidden)
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.visitor(t)
	paths := []string{"/assets/nothing.css", "/healthz", "/readyz", "/no/such/page", "/console/jobs", "/api/no/such"}
	for _, r := range h.Routes {
		if r.Method == http.MethodGet {
			paths = append(paths, fillPath(r.Pattern, map[string]string{"accent": "003893.css", "code": "birth-certificate"}))
		}
	}
	for _, path := range paths {
		a := c.get(path)
		csp := a.header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "script-src 'unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.visitor(t)
	id, code := c.askCode("/sign-in", phone())
	a := c.want(c.post("/sign-in/code", "id", id, "code", code), http.StatusSeeOther, "signing in")
	line := a.header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(line, want) {
			t.Errorf("the cookie %q lacks %s", line, want)
		}
	}
}

// TestSecureCookies: where the public address is https, browsers must not let the cookie go anywhere else.
func TestSecureCookies(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{PublicURL: "https://services.example"})
	local, err := url.Parse("http://" + h.Address())
	if err != nil {
		t.Fatal(err)
	}
	h.URL = local.String()
	c := h.visitor(t)
	id, code := c.askCode("/sign-in", phone())
	a := c.want(c.post("/sign-in/code", "id", id, "code", code), http.StatusSeeOther, "signing in")
	line := a.header.Get("Set-Cookie")
	for _, want := range []string{"__Host-", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(line, want) {
			t.Errorf("the cookie %q lacks %s", line, want)
		}
	}
	if strings.Contains(line, "Domain=") {
		t.Errorf("the cookie %q names a domain", line)
	}
	if a.header.Get("Strict-Transport-Security") == "" {
		t.Error("no Strict-Transport-Security")
	}
}

func TestOpenRedirect(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, evil := range []string{
		"https://evil.example/", "//evil.example/", `/\evil.example`, `\\evil.example`, "/\t/evil.example", "javascript:alert(1)", "http:evil.example",
		"/%2F/evil.example/..//", "///evil.example", "/\n/evil.example", "https:/evil.example", " //evil.example", "/.//evil.example", "/x/..//evil.example",
	} {
		c := h.visitor(t)
		a := c.get("/language/en?next=" + url.QueryEscape(evil))
		leadsHome(t, c, "/language next="+evil, a)
		a = c.post("/sign-in", "address", phone(), "next", evil)
		u, err := url.Parse(a.location)
		if err != nil {
			t.Fatal(err)
		}
		if next := u.Query().Get("next"); strings.Contains(next, "evil") && !harmless(next) {
			t.Errorf("/sign-in carries next=%q on", next)
		}
	}
	c := h.citizen(t, "Joana Lima")
	leadsHome(t, c, "/profile", c.post("/profile", "name", "Joana Lima", "lang", "en", "next", "https://evil.example/"))
}

// harmless reports whether a browser stays on this site when it follows the path.
func harmless(path string) bool {
	base, err := url.Parse("http://home.example/a/b")
	if err != nil {
		return false
	}
	clean := strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/").Replace(strings.TrimSpace(path)) // as browsers do
	to, err := base.Parse(clean)
	return err == nil && to.Host == base.Host && !strings.HasPrefix(clean, "//")
}

func leadsHome(t *testing.T, c *client, what string, a answer) {
	t.Helper()
	to := a.header.Get("Location")
	if a.status != http.StatusSeeOther || !harmless(strings.TrimPrefix(to, c.base)) {
		t.Errorf("%s leads to %q (%d)", what, to, a.status)
	}
}
