package outbound_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"digit/internal/infra/platform/outbound"
)

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func get(c *outbound.Caller, url string) (string, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	res, err := c.Client().Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return string(b), err
}

func TestOnlyThePublicInternetIsCalled(t *testing.T) {
	t.Parallel()
	strict := outbound.New(outbound.Options{Timeout: 2 * time.Second})
	for _, host := range []string{
		"127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "100.64.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1", "192.0.2.1", "198.18.0.1",
		"224.0.0.1", "255.255.255.255", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "[2002:7f00:1::]", "[fc00::1]",
		"[fe80::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[::127.0.0.1]", "localhost",
	} {
		if _, err := get(strict, "https://"+host+":1/"); !errors.Is(err, outbound.ErrAddress) {
			t.Errorf("%s: %v", host, err)
		}
	}
	// what a browser's address line takes for 127.0.0.1 is a name here, which leads nowhere
	for _, host := range []string{"2130706433", "0x7f000001", "0177.0.0.1", "127.1"} {
		if body, err := get(strict, "https://"+host+":1/"); err == nil {
			t.Errorf("%s answered %q", host, body)
		}
	}
}

func TestWhatGoesInTheClearIsRefused(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") })
	strict := outbound.New(outbound.Options{})
	for _, address := range []string{"http://example.org/", s.URL, "file:///etc/passwd", "gopher://example.org/"} {
		if _, err := get(strict, address); !errors.Is(err, outbound.ErrScheme) {
			t.Errorf("%s: %v", address, err)
		}
	}
	local := outbound.New(outbound.Options{Networks: outbound.Loopback})
	if body, err := get(local, s.URL); err != nil || body != "hello" {
		t.Errorf("this machine, where its network was named: %q, %v", body, err)
	}
	if _, err := get(local, "http://10.1.2.3/"); !errors.Is(err, outbound.ErrScheme) {
		t.Errorf("another machine in the clear: %v", err)
	}
	near := outbound.New(outbound.Options{Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	if _, err := get(near, "http://10.1.2.3/"); !errors.Is(err, outbound.ErrScheme) {
		t.Errorf("a named network in the clear: %v", err)
	}
}

func TestARedirectIsJudgedAnew(t *testing.T) {
	t.Parallel()
	var to string
	hops := 0
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		hops++
		http.Redirect(w, r, to, http.StatusTemporaryRedirect)
	})
	local := outbound.New(outbound.Options{Networks: outbound.Loopback, Timeout: 2 * time.Second})
	for where, want := range map[string]error{
		"https://169.254.169.254/latest/meta-data": outbound.ErrAddress, "http://example.org/": outbound.ErrScheme, "https://[fd00::1]/": outbound.ErrAddress,
	} {
		to = where
		if _, err := get(local, s.URL); !errors.Is(err, want) {
			t.Errorf("to %s: %v", where, err)
		}
	}
	to, hops = s.URL, 0
	if _, err := get(local, s.URL); err == nil || hops > 4 {
		t.Errorf("in a circle: %d hops, %v", hops, err)
	}
	hops = 0
	res, err := local.Client().PostForm(s.URL, url.Values{"client_secret": {"s3cret"}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if hops != 1 || res.StatusCode != http.StatusTemporaryRedirect {
		t.Errorf("a form was sent on: %d hops, %d", hops, res.StatusCode)
	}
}

func TestThisSiteIsCalledUnderItsNames(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Host) })
	at := strings.TrimPrefix(s.URL, "http://")
	c := outbound.New(outbound.Options{Own: func(_ context.Context, host, port string) (string, bool) {
		return at, host == "services.example.gov" && port == "80"
	}})
	if body, err := get(c, "http://services.example.gov/"); err != nil || body != "services.example.gov" {
		t.Errorf("%q, %v", body, err)
	}
	for _, address := range []string{"http://other.example.gov/", "http://services.example.gov:8080/"} {
		if _, err := get(c, address); !errors.Is(err, outbound.ErrScheme) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestAnAnswerIsAsLargeAsAllowed(t *testing.T) {
	t.Parallel()
	size := 0
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", size)) })
	c := outbound.New(outbound.Options{Networks: outbound.Loopback, MaxBody: 1000})
	for n, fits := range map[int]bool{0: true, 999: true, 1000: true, 1001: false, 100_000: false} {
		size = n
		body, err := get(c, s.URL)
		if fits && (err != nil || len(body) != n) || !fits && (!errors.Is(err, outbound.ErrTooLarge) || len(body) != 1000) {
			t.Errorf("%d bytes: %d read, %v", n, len(body), err)
		}
	}
}

func TestOtherProtocolsAreJudgedTheSame(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	if _, err := outbound.New(outbound.Options{}).Dial(t.Context(), "tcp", l.Addr().String()); !errors.Is(err, outbound.ErrAddress) {
		t.Errorf("got %v", err)
	}
	conn, err := outbound.New(outbound.Options{Networks: outbound.Loopback}).Dial(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}
