package edge

import (
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"digit/cmd/digit/app"
	"digit/internal/infra/tenancy"
	"digit/web/frame"
)

// shared are the answers that everybody may keep and other sites may read: what is published for all, the same for all.
func published(r frame.Route) bool {
	return r.Permission == frame.Public && (r.Kind == frame.Asset || r.Pattern == "/status/{list}" || strings.HasPrefix(r.Pattern, "/vct/") ||
		strings.Contains(r.Pattern, "/.well-known/") || strings.HasSuffix(r.Pattern, "/did.json") || strings.HasSuffix(r.Pattern, "/jwks.json") || strings.HasSuffix(r.Pattern, "/schema") ||
		strings.HasSuffix(r.Pattern, "/{code}/openapi.json") || strings.HasSuffix(r.Pattern, "/manifest.webmanifest") || r.Pattern == "/worker.js")
}

// guards are the headers of every answer, whatever it says.
func guards(t *testing.T, what string, h http.Header) {
	t.Helper()
	csp := map[string]string{}
	for _, directive := range strings.Split(h.Get("Content-Security-Policy"), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), " ")
		csp[name] = value
	}
	_, sandboxed := csp["sandbox"] // somebody's file: nothing runs in it whatever it loads
	for name, want := range map[string]string{"default-src": "'none'", "frame-ancestors": "'none'", "object-src": "'none'", "base-uri": "'none'"} {
		if got := csp[name]; got != want && !(sandboxed && name != "default-src") {
			t.Errorf("%s: %s is %q, want %q", what, name, got, want)
		}
	}
	if got := csp["script-src"]; got != "'self'" && got != "" {
		t.Errorf("%s: script-src is %q", what, got)
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin", "Server": "", "X-Powered-By": "",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %s is %q, want %q", what, name, got, want)
		}
	}
}

// typed checks that an answer says what it is, with the character set where it is text.
func typed(t *testing.T, what string, a answer) {
	t.Helper()
	if a.body == "" {
		return
	}
	kind, params, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil {
		t.Errorf("%s: the content type is %q: %v", what, a.header.Get("Content-Type"), err)
		return
	}
	if strings.HasPrefix(kind, "text/") && !strings.EqualFold(params["charset"], "utf-8") {
		t.Errorf("%s: %s is text in %q", what, kind, params["charset"])
	}
	begins := strings.TrimSpace(strings.TrimPrefix(a.body, "\ufeff"))
	for like, right := range map[string]bool{"{": strings.Contains(kind, "json"), "<!doctype html": kind == "text/html", "%PDF-": kind == "application/pdf"} {
		if strings.HasPrefix(strings.ToLower(begins), strings.ToLower(like)) && !right {
			t.Errorf("%s: %q is called %s", what, like, kind)
		}
	}
}

var (
	inputTag  = regexp.MustCompile(`<input\b[^>]*>`)
	inputName = regexp.MustCompile(`\sname="([^"]*)"`)
)

// forms checks what every page owes its reader: the way out where somebody is signed in, and secrets that are not shown
// while they are typed, and may be pasted and kept by the browser.
func forms(t *testing.T, what string, a answer, signedIn bool) {
	t.Helper()
	if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		return
	}
	if signedIn && a.status == http.StatusOK && !strings.Contains(a.body, `action="/sign-out"`) && strings.Contains(a.body, "<header") {
		t.Errorf("%s has no way to sign out", what)
	}
	for _, tag := range inputTag.FindAllString(a.body, -1) {
		m := inputName.FindStringSubmatch(tag)
		if m == nil || !strings.Contains(m[1], "password") || strings.Contains(tag, `type="hidden"`) || strings.Contains(tag, `type="checkbox"`) {
			continue
		}
		if !strings.Contains(tag, `type="password"`) || strings.Contains(tag, `autocomplete="off"`) || strings.Contains(tag, "readonly") {
			t.Errorf("%s: %s", what, tag)
		}
	}
}

// TestEveryAnswerIsGuarded asks every route as three kinds of people, with an evil origin besides.
func TestEveryAnswerIsGuarded(t *testing.T) {
	t.Parallel()
	h := open(t)
	s := h.stage(t)
	foreign := map[string]string{"Content-Type": formType, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
	own := map[string]string{"Content-Type": formType}
	asked := 0
	for name, c := range map[string]*client{"anonymous": h.visitor(t), "citizen": s.owner, "administrator": h.staff(t, administrator)} {
		for _, r := range sorted(h.Routes) {
			if skipped(r.Method + " " + r.Pattern) {
				continue
			}
			for from, header := range map[string]map[string]string{"": own, " from elsewhere": foreign} {
				what := fmt.Sprintf("%s %s as %s%s", r.Method, r.Pattern, name, from)
				a := c.send(r.Method, s.path(r.Pattern), strings.NewReader(""), header)
				asked++
				guards(t, what, a.header)
				typed(t, what, a)
				forms(t, what, a, name != "anonymous" && r.Kind == frame.Page && r.Permission != frame.Public)
				public := published(r)
				if got := a.header.Get("Cache-Control"); !public && !strings.Contains(got, "no-store") && a.status < 400 {
					t.Errorf("%s: caches may keep it (%q)", what, got)
				}
				if got := a.header.Get("Access-Control-Allow-Origin"); got != "" && !(public && got == "*") {
					t.Errorf("%s: other sites may read it (%q)", what, got)
				}
				if a.header.Get("Access-Control-Allow-Credentials") != "" {
					t.Errorf("%s: with the cookies of the one who looks", what)
				}
			}
		}
	}
	for _, path := range []string{"/assets/nothing.css", "/healthz", "/readyz", "/no/such", "/console/jobs", "/api/no/such", "/%2e%2e/etc/passwd", "/favicon.ico"} {
		a := h.visitor(t).get(path)
		guards(t, path, a.header)
		typed(t, path, a)
	}
	t.Logf("%d answers", asked)
}

// TestSecurityText: who finds a weakness finds whom to tell (RFC 9116).
func TestSecurityText(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.visitor(t)
	a := c.want(c.get("/.well-known/security.txt"), http.StatusOK, "security.txt")
	said := map[string]string{}
	for text := range strings.Lines(a.body) {
		name, value, _ := strings.Cut(strings.TrimSpace(text), ": ")
		said[name] = value
	}
	until, err := time.Parse(time.RFC3339, said["Expires"])
	if err != nil || time.Until(until) < 100*24*time.Hour || time.Until(until) > 365*24*time.Hour {
		t.Errorf("it expires %s, %v", said["Expires"], err)
	}
	if !strings.HasPrefix(said["Contact"], "mailto:") || said["Canonical"] != c.base+"/.well-known/security.txt" || said["Preferred-Languages"] == "" {
		t.Errorf("%v", said)
	}
	if _, err := h.Tenancy.Create(t.Context(), h.DB, tenancy.NewTenant{Slug: "silent", Kind: "sandbox", Settings: realSettings}); err != nil {
		t.Fatal(err)
	}
	if a := h.visitorAt(t, "silent").get("/.well-known/security.txt"); a.status != http.StatusNotFound {
		t.Errorf("a state that says nothing: %d", a.status)
	}
}

// TestAllCookies: whatever cookie is set, where the site is served over https it belongs to this host alone.
func TestAllCookies(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{PublicURL: "https://services.example"})
	h.URL = "http://" + h.Address()
	c := h.visitor(t)
	id, code := c.askCode("/sign-in", phone())
	said := c.post("/sign-in/code", "id", id, "code", code).header.Values("Set-Cookie")
	said = append(said, c.get("/language/pt?next=/").header.Values("Set-Cookie")...)
	said = append(said, h.visitor(t).post("/sign-in/with/simulated").header.Values("Set-Cookie")...)
	names := map[string]bool{}
	for _, line := range said {
		cookie, err := http.ParseSetCookie(line)
		if err != nil {
			t.Fatal(err)
		}
		names[cookie.Name] = true
		readable := cookie.Name == "__Host-lang" // a choice and no secret
		if !strings.HasPrefix(cookie.Name, "__Host-") || !cookie.Secure || cookie.Path != "/" || cookie.Domain != "" || cookie.SameSite != http.SameSiteLaxMode || !cookie.HttpOnly && !readable {
			t.Errorf("%s", line)
		}
		if len(cookie.Name)+len(cookie.Value) > 4096 {
			t.Errorf("%s is too large to be kept", cookie.Name)
		}
	}
	if len(names) < 3 {
		t.Errorf("only %v were set", names)
	}
}

// TestLookingChangesNothing: what is asked for with GET or HEAD changes nothing but what is on record about the looking.
func TestLookingChangesNothing(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{})
	s := h.stage(t)
	people := map[string]*client{"citizen": s.owner, "administrator": h.staff(t, administrator), "clerk": h.staff(t, clerk), "anonymous": h.visitor(t)}
	eventually(t, "the last job", func() bool {
		return h.count(t, `SELECT count(*) FROM river.river_job WHERE state IN ('available', 'running', 'retryable') AND scheduled_at < now() AND queue = 'default'`) == 0
	})
	h.rest(t)
	before := h.tables(t)
	for name, c := range people {
		for _, r := range sorted(h.Routes) {
			if r.Method != http.MethodGet {
				continue
			}
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				if a := c.send(method, s.path(r.Pattern), nil, nil); a.status >= 500 {
					t.Errorf("%s %s as %s: %d", method, r.Pattern, name, a.status)
				}
			}
		}
	}
	after := h.tables(t)
	for table, sum := range before {
		if after[table] != sum {
			t.Errorf("%s is another table than before", table)
		}
	}
}

// tables sums up what every table holds, but for those that note who looked, when, and what is still to be done.
func (h *house) tables(t *testing.T) map[string]string {
	t.Helper()
	pool := h.look(t)
	rows, err := pool.Query(t.Context(), `SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'river', 'audit', 'migrations')`)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		// When a session was last seen, which authenticator app is offered that counts for nothing until its first code comes, with what
		// key an agency's first list is signed when somebody asks for it, who has a draft open, and how often somebody came are about the
		// looking.
		if name != "identity.session" && name != "identity.totp" && name != "encryption.signing_key" && name != "platform.quota" && name != "studio.presence" {
			names = append(names, name)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for _, name := range names {
		var sum string
		if err := pool.QueryRow(t.Context(), `SELECT count(*)::text || ' ' || coalesce(md5(string_agg(x::text, '|' ORDER BY x::text)), '') FROM `+name+` x`).Scan(&sum); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		sums[name] = sum
	}
	if len(sums) < 40 {
		t.Fatalf("only %d tables", len(sums))
	}
	return sums
}
