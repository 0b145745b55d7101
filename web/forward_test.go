package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"digit/web"
)

// TestForwarded: whose address counts, by who connects and what is said of those before.
func TestForwarded(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, c := range []struct{ remote, header, want string }{
		{"203.0.113.7:5000", "", "203.0.113.7:5000"},
		{"203.0.113.7:5000", "198.51.100.1", "203.0.113.7:5000"}, // says so itself
		{"10.0.0.1:5000", "198.51.100.1", "198.51.100.1:0"},
		{"10.0.0.1:5000", "192.0.2.66, 198.51.100.1", "198.51.100.1:0"}, // the first was sent along by the caller
		{"10.0.0.1:5000", "198.51.100.1, 10.2.3.4", "198.51.100.1:0"},   // two proxies
		{"10.0.0.1:5000", "10.9.9.9, 10.2.3.4", "10.9.9.9:0"},
		{"10.0.0.1:5000", "", "10.0.0.1:5000"},
		{"10.0.0.1:5000", "nonsense", "10.0.0.1:5000"},
		{"10.0.0.1:5000", "198.51.100.1, nonsense", "10.0.0.1:5000"},
		{"[::1]:5000", "2001:db8::7", "[2001:db8::7]:0"},
		{"@", "198.51.100.1", "@"}, // a Unix socket
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		if c.header != "" {
			r.Header.Set("X-Forwarded-For", c.header)
		}
		got := ""
		web.Forwarded(proxies)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr })).ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want {
			t.Errorf("%s with %q: got %s, want %s", c.remote, c.header, got, c.want)
		}
	}
}
