package edge

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/textproto"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// client is somebody's browser, on a line of their own.
type client struct {
	t    *testing.T
	h    *house
	slug string // of the tenant it visits, "" for the default
	base string
	lang string
	http *http.Client

	bearer string // the key of a machine, "" for a browser
}

// answer is what came back.
type answer struct {
	status   int
	header   http.Header
	body     string
	location string // path and query, of a redirect
}

var lines atomic.Int32

// visitor is a browser in which nobody is signed in.
func (h *house) visitor(t *testing.T) *client { t.Helper(); return h.visitorAt(t, "") }

// visitorAt is a browser at another tenant's address.
func (h *house) visitorAt(t *testing.T, slug string) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	n := lines.Add(1)
	from := &net.TCPAddr{IP: net.IPv4(127, 0, byte(1+n/250), byte(1+n%250))}
	own, err := url.Parse(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	dialer := &net.Dialer{LocalAddr: from, Timeout: 10 * time.Second}
	transport := &http.Transport{
		DisableCompression: true, // packing and unpacking ten thousand answers is slow under the race detector
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "tcp4", net.JoinHostPort("127.0.0.1", own.Port()))
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	host := own.Host
	if slug != "" {
		host = slug + "." + host
	}
	return &client{
		t: t, h: h, slug: slug, base: "http://" + host, lang: "en",
		http: &http.Client{
			Transport: transport, Jar: jar, Timeout: 60 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// tenantSlug names the tenant that the browser's address leads to.
func (c *client) tenantSlug() string {
	if c.slug == "" {
		return "cv"
	}
	return c.slug
}

// at is the same browser, with the same cookies, sent to another tenant's address.
func (c *client) at(slug string) *client {
	c.t.Helper()
	other := c.h.visitorAt(c.t, slug)
	other.bearer = c.bearer
	from, err := url.Parse(c.base)
	if err != nil {
		c.t.Fatal(err)
	}
	to, err := url.Parse(other.base)
	if err != nil {
		c.t.Fatal(err)
	}
	other.http.Jar.SetCookies(to, c.http.Jar.Cookies(from))
	return other
}

// try sends a request and returns the failure of the line, if any.
func (c *client) try(method, path string, body io.Reader, header map[string]string) (answer, error) {
	if !strings.HasPrefix(path, "http") {
		path = c.base + path
	}
	req, err := http.NewRequest(method, path, body)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Accept-Language", c.lang)
	if c.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+c.bearer)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	c.h.asked.add(req.URL.String())
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: resp.StatusCode, header: resp.Header, body: string(b)}
	if to, err := resp.Location(); err == nil {
		c.h.asked.add(to.String())
		if a.location = to.RequestURI(); to.Host != req.URL.Host {
			a.location = to.String()
		}
	}
	return a, nil
}

// send is try where the line must hold.
func (c *client) send(method, path string, body io.Reader, header map[string]string) answer {
	c.t.Helper()
	a, err := c.try(method, path, body, header)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func (c *client) get(path string) answer {
	c.t.Helper()
	return c.send(http.MethodGet, path, nil, nil)
}

const formType = "application/x-www-form-urlencoded"

// post sends a form; pairs are names and values in turn.
func (c *client) post(path string, pairs ...string) answer {
	c.t.Helper()
	return c.send(http.MethodPost, path, strings.NewReader(values(pairs).Encode()), map[string]string{"Content-Type": formType})
}

func values(pairs []string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// json sends a JSON body.
func (c *client) json(path, body string) answer {
	c.t.Helper()
	return c.send(http.MethodPost, path, strings.NewReader(body), map[string]string{"Content-Type": "application/json"})
}

// file is an upload.
type file struct {
	field, name, mediaType string
	content                []byte
}

// upload sends a form with files.
func (c *client) upload(path string, files []file, pairs ...string) answer {
	c.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := w.WriteField(pairs[i], pairs[i+1]); err != nil {
			c.t.Fatal(err)
		}
	}
	for _, f := range files {
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", fmt.Sprintf(`form-data; name=%q; filename=%q`, f.field, f.name))
		h.Set("Content-Type", f.mediaType)
		part, err := w.CreatePart(h)
		if err != nil {
			c.t.Fatal(err)
		}
		if _, err := part.Write(f.content); err != nil {
			c.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		c.t.Fatal(err)
	}
	return c.send(http.MethodPost, path, &b, map[string]string{"Content-Type": w.FormDataContentType()})
}

// want fails unless the answer has the status.
func (c *client) want(a answer, status int, what string) answer {
	c.t.Helper()
	if a.status != status {
		c.t.Fatalf("%s: got %d, want %d (location %q)\n%s", what, a.status, status, a.location, text(a.body))
	}
	return a
}

var (
	tags   = regexp.MustCompile(`(?s)<(script|style|head)[^>]*>.*?</(script|style|head)>|<[^>]+>`)
	spaces = regexp.MustCompile(`\s+`)
	six    = regexp.MustCompile(`(?:^|[^-\d])(\d{6})\b`) // the end of a reference is none
)

// text is what a page says, without its markup, shortened.
func text(body string) string {
	s := spaces.ReplaceAllString(tags.ReplaceAllString(body, " "), " ")
	return s[:min(len(s), 1500)]
}

// code waits for the one-time code that is sent to an address, beside those it got before.
func (c *client) code(address string, before int) string {
	c.t.Helper()
	tenant := c.h.tenant(c.t, c.tenantSlug())
	var found string
	eventually(c.t, "the code for "+address, func() bool {
		list := c.h.messages(c.t, tenant, address)
		for _, m := range list[:len(list)-min(before, len(list))] { // other messages may have come since
			if found == "" {
				if code := six.FindStringSubmatch(m.Text); code != nil {
					found = code[1]
				}
			}
		}
		return found != ""
	})
	return found
}

// askCode asks for a code and returns the id under which it is given back, and the code.
func (c *client) askCode(door, address string) (id, code string) {
	c.t.Helper()
	before := len(c.h.messages(c.t, c.h.tenant(c.t, c.tenantSlug()), address))
	a := c.want(c.post(door, "address", address), http.StatusSeeOther, "asking for a code")
	u, err := url.Parse(a.location)
	if err != nil {
		c.t.Fatal(err)
	}
	return u.Query().Get("id"), c.code(address, before)
}

func (c *client) signIn(door, address string) *client {
	c.t.Helper()
	id, code := c.askCode(door, address)
	c.want(c.post("/sign-in/code", "id", id, "code", code), http.StatusSeeOther, "giving the code")
	return c
}

// citizen is somebody new, signed in, with a name.
func (h *house) citizen(t *testing.T, name string) *client {
	t.Helper()
	c := h.visitor(t).signIn("/sign-in", phone())
	c.want(c.post("/profile", "name", name, "lang", "en"), http.StatusSeeOther, "saying the name")
	return c
}

// trail keeps the addresses that were asked for and led to.
type trail struct {
	mu   sync.Mutex
	urls []string
}

func (l *trail) add(address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.urls = append(l.urls, address)
}

// all are the addresses, as they are and as they read when decoded.
func (l *trail) all() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b strings.Builder
	for _, u := range l.urls {
		b.WriteString(u + "\n")
		if plain, err := url.QueryUnescape(u); err == nil {
			b.WriteString(plain + "\n")
		}
	}
	return b.String()
}

// badges are the sessions of staff: one each in a house, since codes for one address are rationed.
type badges struct {
	sync.Mutex
	by map[string][]*http.Cookie
}

// staff is a member of the demonstration's staff, signed in.
func (h *house) staff(t *testing.T, address string) *client {
	t.Helper()
	return h.staffAt(t, "", address)
}

// staffAt is a member of another tenant's staff.
func (h *house) staffAt(t *testing.T, slug, address string) *client {
	t.Helper()
	h.badges.Lock()
	defer h.badges.Unlock()
	c := h.visitorAt(t, slug)
	site, err := url.Parse(c.base)
	if err != nil {
		t.Fatal(err)
	}
	if h.badges.by == nil {
		h.badges.by = map[string][]*http.Cookie{}
	}
	if have := h.badges.by[address]; have != nil {
		c.http.Jar.SetCookies(site, have)
		return c
	}
	c.signIn("/staff/sign-in", address)
	h.badges.by[address] = c.http.Jar.Cookies(site)
	return c
}

// The staff of the demonstration, by what they are in these tests.
const (
	clerk          = "ana.tavares@demo.example"
	registrar      = "carlos.semedo@demo.example"
	agencyAdmin    = "rui.barros@demo.example"
	otherClerk     = "maria.evora@demo.example"
	otherManager   = "paulo.rocha@demo.example"
	fieldOfficer   = "joao.lopes@demo.example"
	dispatcher     = "nuno.fortes@demo.example"
	technician     = "djon.mendes@demo.example"
	analyst        = "helena.pires@demo.example"
	administrator  = "sofia.andrade@demo.example"
	auditor        = "tome.gomes@demo.example"
	designer       = "lena.cardoso@demo.example"
	approver       = "mario.fonseca@demo.example"
	deskOperator   = "celina.fortes@demo.example"
	deskSupervisor = "zita.almeida@demo.example"
	sandboxAdmin   = "vera.lima@sandbox.example"
)

// problem is a failure told to a program.
type problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Code     string `json:"code"`
	Instance string `json:"instance"`
	Errors   []struct{ Field, Code, Detail string }
}

// problem reads an answer that must be a whole problem with a status.
func (c *client) problem(a answer, status int) (p problem) {
	c.t.Helper()
	if got := a.header.Get("Content-Type"); a.status != status || got != "application/problem+json" {
		c.t.Errorf("got %d %q, want a problem of %d: %s", a.status, got, status, text(a.body))
		return p
	}
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		c.t.Fatal(err)
	}
	if p.Status != status || p.Code == "" || p.Title == "" || p.Title == "error."+p.Code || p.Type == "" || p.Instance == "" {
		c.t.Errorf("the problem lacks something: %s", a.body)
	}
	for _, e := range p.Errors {
		if e.Field == "" || e.Code == "" || e.Detail == "" || e.Detail == "error."+e.Code {
			c.t.Errorf("an error of the problem lacks something: %s", a.body)
		}
	}
	return p
}

func mustURL(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
