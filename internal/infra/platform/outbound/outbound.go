// Package outbound makes the calls to systems whose addresses somebody typed in: identity providers, directories,
// agencies with systems of their own. Whoever may type an address must not reach with it what only this machine can
// (server-side request forgery): calls go to the public internet, to this site itself, and to the networks that the
// operator of the installation has named.
//
// The address is judged when the connection is made, after names were resolved and for each redirect anew, so that a
// name which answers differently the second time gains nothing. HTTP is spoken over TLS, but for this very machine
// where the operator has named its loopback network. An answer is as large and takes as long as was allowed.
package outbound

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"digit/internal/infra/platform/fault"
)

// Errors of this package.
var (
	// ErrAddress says that the address lies in a network that is not called from here.
	ErrAddress = fault.Forbidden("outbound.address")
	// ErrScheme says that the call would go over the network in the clear, or by another protocol than HTTP.
	ErrScheme = fault.Invalid("outbound.scheme")
	// ErrTooLarge says that the other system answered with more than is read.
	ErrTooLarge = fault.Unavailable("outbound.too_large")
)

// Options say what may be called besides the public internet, and how much an answer may be; the zero value is good.
type Options struct {
	Networks []netip.Prefix // that may be called too: Loopback, or a ministry's own
	// Own tells whether a host and its port are this site, and where it is dialled: under any of its names it is called
	// without asking anybody where that is. An empty address leaves the one that was asked for.
	Own     func(ctx context.Context, host, port string) (address string, own bool)
	Timeout time.Duration // for a whole call; 15 seconds by default
	MaxBody int64         // bytes of an answer, unpacked; 4 MiB by default
}

// Loopback are the networks of this very machine.
var Loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

const (
	dialTimeout  = 5 * time.Second
	maxRedirects = 3
	maxHeader    = 64 << 10
)

// Caller makes calls. It is safe for concurrent use.
type Caller struct {
	opt    Options
	dialer net.Dialer
	client *http.Client
}

// New returns a caller.
func New(opt Options) *Caller {
	if opt.Timeout == 0 {
		opt.Timeout = 15 * time.Second
	}
	if opt.MaxBody == 0 {
		opt.MaxBody = 4 << 20
	}
	c := &Caller{opt: opt}
	c.dialer = net.Dialer{Timeout: dialTimeout, Control: c.control}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = nil // a proxy would be asked where things are, and not we
	t.DialContext = c.Dial
	t.MaxResponseHeaderBytes = maxHeader
	c.client = &http.Client{Timeout: opt.Timeout, Transport: guard{c, t}, CheckRedirect: redirect}
	return c
}

// Client is the HTTP client that calls this way.
func (c *Caller) Client() *http.Client { return c.client }

// Dial opens a connection for another protocol than HTTP. Errors: ErrAddress.
func (c *Caller) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if to, own := c.own(ctx, host, port); own {
		if to != "" {
			address = to
		}
		return (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, address)
	}
	return c.dialer.DialContext(ctx, network, address)
}

func (c *Caller) own(ctx context.Context, host, port string) (string, bool) {
	if c.opt.Own == nil {
		return "", false
	}
	return c.opt.Own(ctx, host, port)
}

// control sees the address that is really dialled.
func (c *Caller) control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return ErrAddress.Because(err)
	}
	if !c.allowed(at.Addr()) {
		return ErrAddress
	}
	return nil
}

func (c *Caller) allowed(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	in := func(p netip.Prefix) bool { return p.Contains(a) }
	return slices.ContainsFunc(c.opt.Networks, in) || !slices.ContainsFunc(special, in)
}

// special are the networks that are not the public internet, or lead out of it by translation (IANA's registries of
// special-purpose addresses, RFC 6890).
var special = func() (all []netip.Prefix) {
	for _, text := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
		"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16",
		"fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
	} {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}()

// Plain reports whether an address may be spoken to without TLS: this site's, and this machine's where its network was
// named.
func (c *Caller) Plain(ctx context.Context, u *url.URL) bool {
	port := u.Port()
	if port == "" {
		port = "80"
	}
	if _, own := c.own(ctx, u.Hostname(), port); own {
		return true
	}
	return isLocal(u.Hostname()) && c.allowed(Loopback[0].Addr().Next())
}

// Admits tells whether an address would be called, as far as that shows without asking where its name is: by its scheme and,
// where its host is an address, by its network. Errors: ErrScheme, ErrAddress.
func (c *Caller) Admits(ctx context.Context, u *url.URL) error {
	if u.Scheme != "https" && (u.Scheme != "http" || !c.Plain(ctx, u)) {
		return ErrScheme
	}
	if _, own := c.own(ctx, u.Hostname(), u.Port()); own {
		return nil
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && !c.allowed(a) || isLocal(u.Hostname()) && !c.allowed(Loopback[0].Addr().Next()) {
		return ErrAddress
	}
	return nil
}

// isLocal reports whether a host is this machine by its very name (RFC 6761 for localhost).
func isLocal(host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.Unmap().IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// guard refuses what goes in the clear and reads no more than was allowed.
type guard struct {
	c    *Caller
	next http.RoundTripper
}

// RoundTrip makes one call; redirects come through here one by one.
func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" && (r.URL.Scheme != "http" || !g.c.Plain(r.Context(), r.URL)) {
		if r.Body != nil {
			_ = r.Body.Close() // nobody reads it
		}
		return nil, ErrScheme
	}
	res, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	res.Body = &limited{body: res.Body, left: g.c.opt.MaxBody}
	return res, nil
}

// redirect follows a few hops of a question. What was sent, a client's secret say, is sent nowhere else.
func redirect(_ *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errors.New("too many redirects")
	}
	if via[0].Method != http.MethodGet {
		return http.ErrUseLastResponse
	}
	return nil
}

// limited is an answer that ends with an error where it is longer than allowed.
type limited struct {
	body io.ReadCloser
	left int64
}

// Read reads on.
func (l *limited) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, ErrTooLarge
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1] // one byte more tells whether there is more
	}
	n, err := l.body.Read(p)
	l.left -= int64(n)
	if l.left < 0 {
		return n - 1, ErrTooLarge
	}
	return n, err
}

// Close ends the answer.
func (l *limited) Close() error { return l.body.Close() }
