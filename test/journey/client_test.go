package journey_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"digit/test/browser"
)

// client is somebody who speaks HTTP, for what needs no eyes.
type client struct {
	t     *testing.T
	house *house
	http  *http.Client
	// address is where codes and messages go.
	address string
}

// answer is what came back: the page and where it stands.
type answer struct {
	status     int
	kind, path string
	body       string
}

func newClient(t *testing.T, h *house) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := local()
	t.Cleanup(transport.CloseIdleConnections)
	return &client{t: t, house: h, http: &http.Client{Jar: jar, Transport: transport}}
}

// local is a line to this machine whatever the host: browsers know that all of localhost is here, resolvers need not.
func local() *http.Transport {
	return &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return new(net.Dialer).DialContext(ctx, network, "localhost:"+port)
	}}
}

func (c *client) send(req *http.Request) answer {
	c.t.Helper()
	res, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header.Get("Content-Type"), res.Request.URL.RequestURI(), string(body)}
}

func (c *client) get(path string) answer {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.house.url+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.send(req)
}

func (c *client) post(path string, form url.Values) answer {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.house.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a := c.send(req)
	if a.status >= http.StatusBadRequest {
		c.t.Fatalf("POST %s: %d\n%.1500s", path, a.status, tags.ReplaceAllString(a.body, " "))
	}
	return a
}

// signIn signs a citizen in who is new, or staff by their e-mail (without a name).
func (c *client) signIn(address, name string) {
	c.t.Helper()
	c.address = address
	tell(name)
	at := "/sign-in"
	if name == "" {
		at = "/staff/sign-in"
	}
	defer c.house.alone(address)()
	before := newest(c.house.messages(c.t, address))
	asked, err := url.Parse(c.post(at, url.Values{"address": {address}}).path)
	if err != nil {
		c.t.Fatal(err)
	}
	c.post("/sign-in/code", url.Values{"id": {asked.Query().Get("id")}, "code": {c.house.code(c.t, address, before)}})
	if name != "" {
		c.post("/profile", url.Values{"name": {name}, "lang": {"pt"}, "boundary": {""}})
	}
}

// window opens a browser that is signed in as the client is.
func (c *client) window(o browser.Options) *person {
	c.t.Helper()
	p := c.house.somebody(c.t, "", o)
	at, err := url.Parse(c.house.url)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, k := range c.http.Jar.Cookies(at) {
		p.Cookie(c.house.url, k.Name, k.Value)
	}
	return p
}
