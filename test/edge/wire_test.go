package edge

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"digit/web"
	"digit/web/frame"
	"digit/web/locale"
)

// raw sends bytes as they are and returns what comes back until the other side closes or is silent.
func (h *house) raw(t *testing.T, request string) (answers []*http.Response) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", h.Address(), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.WriteString(conn, request) }()
	r := bufio.NewReader(conn)
	for {
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			return answers
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			return answers
		}
		answers = append(answers, res)
		if res.Close || res.Header.Get("Connection") == "close" {
			return answers
		}
	}
}

// TestMessageBoundaries: where a message ends is never in doubt (RFC 9112 6.3), so that nothing can be smuggled behind one
// past a proxy that sees it otherwise.
func TestMessageBoundaries(t *testing.T) {
	t.Parallel()
	h := open(t)
	const host = "Host: localhost\r\n"
	for name, c := range map[string]struct {
		request string
		want    []int // statuses, in turn
	}{
		"two lengths":                  {"POST /sign-in HTTP/1.1\r\n" + host + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nab=cd", []int{400}},
		"a length that is none":        {"POST /sign-in HTTP/1.1\r\n" + host + "Content-Length: +5\r\n\r\nab=cd", []int{400}},
		"a length below nothing":       {"POST /sign-in HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\nab=cd", []int{400}},
		"an unknown coding":            {"POST /sign-in HTTP/1.1\r\n" + host + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", []int{501}},
		"two codings":                  {"POST /sign-in HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", []int{501, 400}},
		"space before the colon":       {"POST /sign-in HTTP/1.1\r\n" + host + "Content-Length : 5\r\n\r\nab=cd", []int{400}},
		"a coding on the next line":    {"POST /sign-in HTTP/1.1\r\n" + host + "Content-Length: 3\r\nTransfer-Encoding:\r\n\tchunked\r\nConnection: close\r\n\r\n0\r\n\r\n", []int{422, 400}},
		"a null in a header":           {"GET /healthz HTTP/1.1\r\n" + host + "X-A: b\x00c\r\n\r\n", []int{400}},
		"no host":                      {"GET /healthz HTTP/1.1\r\n\r\n", []int{400}},
		"two hosts":                    {"GET /healthz HTTP/1.1\r\n" + host + "Host: evil.example\r\n\r\n", []int{400}},
		"another protocol":             {"GET /healthz FTP/1.1\r\n" + host + "\r\n", []int{400}},
		"a chunk that lies":            {"POST /sign-in HTTP/1.1\r\n" + host + "Content-Type: " + formType + "\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\nab=cd\r\n0\r\n\r\n", []int{422}},
		"a header without end":         {"GET /healthz HTTP/1.1\r\n" + host + "X-A: " + strings.Repeat("a", 64<<10) + "\r\n\r\n", []int{431}},
		"an address without end":       {"GET /services?q=" + strings.Repeat("a", 64<<10) + " HTTP/1.1\r\n" + host + "\r\n", []int{431}},
		"a length and a coding, whole": {"POST /api/v1/verify HTTP/1.1\r\n" + host + "Content-Type: application/json\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nc\r\n{\"text\":\"x\"}\r\n0\r\n\r\n", []int{200}},
	} {
		got := h.raw(t, c.request)
		if len(got) == 0 || !contains(c.want, got[0].StatusCode) || len(got) > 1 {
			var all []int
			for _, a := range got {
				all = append(all, a.StatusCode)
			}
			t.Errorf("%s: %v, want one of %v", name, all, c.want)
		}
	}
	// With both a length and a coding the coding decides, and what the length would have left over is no request: the
	// connection ends there.
	smuggled := "GET /no/such/page HTTP/1.1\r\n" + host + "\r\n"
	body := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(smuggled), smuggled)
	got := h.raw(t, "POST /healthz HTTP/1.1\r\n"+host+"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"+body+
		"GET /healthz HTTP/1.1\r\n"+host+"Connection: close\r\n\r\n")
	if len(got) == 0 {
		t.Error("nothing was answered")
	}
	for _, a := range got {
		if a.StatusCode == http.StatusNotFound {
			t.Error("the request inside of another was answered")
		}
	}
}

func contains(list []int, n int) bool {
	for _, v := range list {
		if v == n {
			return true
		}
	}
	return false
}

// TestOtherMethods: what is neither looking nor posting is not done, above all TRACE, which would say back what was sent.
func TestOtherMethods(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.visitor(t)
	for _, method := range []string{"TRACE", "TRACK", "OPTIONS", "PROPFIND", "DEBUG", "PUT", "DELETE", "PATCH", "CONNECT-x", "get"} {
		for _, path := range []string{"/", "/profile", "/api/v1/services", "/hooks/exchange", "/assets/nothing.css", "/healthz", "/console/jobs"} {
			a := c.send(method, path, strings.NewReader("ZVQ"), map[string]string{"X-Secret": "ZVQ"})
			if a.status < 400 || a.status >= 500 {
				t.Errorf("%s %s: got %d", method, path, a.status)
			}
			if strings.Contains(a.body, "ZVQ") {
				t.Errorf("%s %s says back what was sent", method, path)
			}
		}
	}
}

// TestNothingElseIsServed: no listing of folders, no source, no debugging, no figures of the process; what does not exist
// is 404 and nothing else.
func TestNothingElseIsServed(t *testing.T) {
	t.Parallel()
	h := open(t)
	for name, c := range map[string]*client{"anybody": h.visitor(t), "the administrator": h.staff(t, administrator)} {
		for _, path := range []string{
			"/.git/config", "/.git/HEAD", "/.svn/entries", "/.env", "/go.mod", "/debug/pprof/", "/debug/vars", "/metrics", "/server-status", "/actuator", "/phpinfo.php",
			"/assets/", "/assets", "/assets/js/", "/assets/../go.mod", "/assets/%2e%2e/%2e%2e/go.mod", "/assets/..%2f..%2fetc/passwd", "/theme/", "/theme/..%2fx.css",
			"/dev/ui", "/swagger", "/api", "/api/", "/api/v1", "/graphql", "/admin", "/backup.sql", "/root.key", "/web/", "/db/migrations/", "/sitemap", "/console/jobs/../../etc/passwd",
		} {
			a := c.get(path)
			if a.status != http.StatusNotFound && a.status != http.StatusMovedPermanently && a.status != http.StatusTemporaryRedirect && !(a.status == http.StatusSeeOther && strings.Contains(a.location, "sign-in")) {
				t.Errorf("%s as %s: got %d", path, name, a.status)
			}
			for _, tell := range []string{"<pre>\n<a href", "Index of", "module digit", "root:x:", "goroutine ", "CREATE TABLE"} {
				if strings.Contains(a.body, tell) {
					t.Errorf("%s as %s shows %q", path, name, tell)
				}
			}
		}
	}
}

// TestForwardedFor: who asks is who the connection comes from, unless a proxy that is trusted says otherwise; what callers
// write themselves does not count.
func TestForwardedFor(t *testing.T) {
	t.Parallel()
	h := open(t)
	texts, err := locale.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	f := frame.New(frame.Deps{DB: h.DB, Tenancy: h.Tenancy, Identity: h.Identity, Origins: h.Audit, Catalog: texts, Log: log, PublicURL: h.URL, DefaultTenant: "cv"})
	tell := frame.Route{Method: http.MethodGet, Pattern: "/who", Permission: frame.Public, Kind: frame.API, Handler: func(r *frame.Request) error {
		return r.JSON(http.StatusOK, map[string]any{"ip": r.IP(), "left": r.Header.Get("X-Forwarded-For") + r.Header.Get("Forwarded") + r.Header.Get("X-Real-Ip") + r.Header.Get("X-Forwarded-Host")})
	}}
	ok := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }
	site := web.New(web.Config{
		Frame: f, Routes: []frame.Route{tell}, Healthz: ok, Readyz: ok, Log: log,
		Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24"), netip.MustParsePrefix("fd00::/64")},
	})
	for name, c := range map[string]struct {
		peer  string
		chain []string
		want  string
	}{
		"nobody between":                     {"203.0.113.9:5000", nil, "203.0.113.9"},
		"a stranger who says so":             {"203.0.113.9:5000", []string{"198.51.100.1"}, "203.0.113.9"},
		"our proxy":                          {"10.0.0.5:5000", []string{"198.51.100.1"}, "198.51.100.1"},
		"our proxy, and lies before it":      {"10.0.0.5:5000", []string{"127.0.0.1, 10.0.0.9", "198.51.100.1"}, "198.51.100.1"},
		"two of our proxies":                 {"10.0.0.5:5000", []string{"198.51.100.1, 10.0.0.6"}, "198.51.100.1"},
		"our proxy that says nothing":        {"10.0.0.5:5000", nil, "10.0.0.5"},
		"our proxy, nonsense":                {"10.0.0.5:5000", []string{"unknown"}, "10.0.0.5"},
		"our proxy, nonsense before":         {"10.0.0.5:5000", []string{"x y, 198.51.100.1"}, "198.51.100.1"},
		"our proxy, a script":                {"10.0.0.5:5000", []string{"<script>, 198.51.100.1\x7f"}, "10.0.0.5"},
		"our proxy by its new address":       {"[fd00::5]:5000", []string{"2001:db8::1"}, "2001:db8::1"},
		"our proxy with its address wrapped": {"[::ffff:10.0.0.5]:5000", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		"only our proxies":                   {"10.0.0.5:5000", []string{"10.0.0.7, 10.0.0.6"}, "10.0.0.7"},
	} {
		req := httptest.NewRequest(http.MethodGet, "/who", nil)
		req.Host, req.RemoteAddr = "localhost", c.peer
		for _, hop := range c.chain {
			req.Header.Add("X-Forwarded-For", hop)
		}
		req.Header.Set("Forwarded", "for=127.0.0.1")
		req.Header.Set("X-Real-Ip", "127.0.0.1")
		req.Header.Set("X-Forwarded-Host", "evil.example")
		w := httptest.NewRecorder()
		site.ServeHTTP(w, req)
		if want := fmt.Sprintf(`{"ip":%q,"left":""}`, c.want); strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("%s: %d %s, want %s", name, w.Code, w.Body, want)
		}
	}
}
