// Package hooktest runs, for tests, the whole platform with its demonstration state on a real database and a real port,
// and visits it as people and programs do: over HTTP.
package hooktest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"digit/cmd/digit/app"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

var house struct {
	once sync.Once
	app  *app.App
	err  error
}

// Main runs a package's tests.
func Main(m *testing.M) { pgtest.Main(m) }

// App is the running platform, started by the first test that asks; it ends with the process.
func App(t testing.TB) *app.App {
	t.Helper()
	house.once.Do(func() {
		dir, err := os.MkdirTemp("", "digit-hooktest-")
		if err != nil {
			house.err = err
			return
		}
		pgtest.OnExit(func() error { return os.RemoveAll(dir) })
		house.app, house.err = app.Open(context.Background(), app.Config{
			Listen: "localhost:0", DatabaseURL: pgtest.AppURL(t), OwnerURL: pgtest.OwnerURL(t), Log: "text", LogLevel: "error", Demo: true,
			Data: dir,
		})
		if house.err == nil {
			go func() { _ = house.app.Run(context.Background()) }() // ends when its database is dropped with the process
		}
	})
	if house.err != nil {
		t.Fatal(house.err)
	}
	return house.app
}

// In runs work as the system in the demonstration state.
func In(t testing.TB, work func(ctx context.Context, tx *pg.Tx) error) {
	t.Helper()
	a := App(t)
	tenant, err := a.DB.TenantBySlug(t.Context(), "cv")
	if err != nil {
		t.Fatal(err)
	}
	if err := a.DB.InTx(t.Context(), pg.Scope{Tenant: tenant.ID, Actor: pg.System()}, work); err != nil {
		t.Fatal(err)
	}
}

// Visitor is somebody with a browser, or a program; it follows no redirect by itself.
type Visitor struct {
	T      testing.TB
	Base   string
	Lang   string
	client *http.Client
}

// Visit returns a visitor who reads that language and is not signed in.
func Visit(t testing.TB, lang string) *Visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &Visitor{T: t, Base: App(t).URL(), Lang: lang}
	v.client = &http.Client{
		Jar: jar, Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	u, err := url.Parse(v.Base)
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(u, []*http.Cookie{{Name: "lang", Value: lang, Path: "/"}})
	return v
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Send sends a request and reads the answer.
func (v *Visitor) Send(method, path, mediaType, body string, header ...string) Answer {
	v.T.Helper()
	if !strings.HasPrefix(path, "http") {
		path = v.Base + path
	}
	r, err := http.NewRequestWithContext(v.T.Context(), method, path, strings.NewReader(body))
	if err != nil {
		v.T.Fatal(err)
	}
	if mediaType != "" {
		r.Header.Set("Content-Type", mediaType)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := v.client.Do(r)
	if err != nil {
		v.T.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }() // it was only read
	b, err := io.ReadAll(res.Body)
	if err != nil {
		v.T.Fatal(err)
	}
	return Answer{Status: res.StatusCode, Header: res.Header, Body: string(b)}
}

// leaked finds a key of the catalogue that stands where words should.
var leaked = regexp.MustCompile(`>\s*(console|simulator|site|module|permission|done|keys|ui|page|error|portal)\.[a-z_.:]+\s*<`)

// Get asks for a page and fails the test unless it answers with that status and in words.
func (v *Visitor) Get(path string, status int) string {
	v.T.Helper()
	return v.checked("GET", path, status, v.Send(http.MethodGet, path, "", ""))
}

func (v *Visitor) checked(method, path string, status int, a Answer) string {
	v.T.Helper()
	if a.Status != status {
		v.T.Fatalf("%s %s: %d, want %d\n%s", method, path, a.Status, status, Text(a.Body))
	}
	if key := leaked.FindString(a.Body); key != "" {
		v.T.Errorf("%s %s (%s) shows a key for a word: %s", method, path, v.Lang, key)
	}
	return a.Body
}

// Post sends a form and fails the test unless it answers with that status. It returns where a redirect leads, else the body.
func (v *Visitor) Post(path string, form url.Values, status int) string {
	v.T.Helper()
	a := v.Send(http.MethodPost, path, "application/x-www-form-urlencoded", form.Encode())
	body := v.checked("POST", path, status, a)
	if status == http.StatusSeeOther {
		return a.Header.Get("Location")
	}
	return body
}

// JSON sends a value as JSON and decodes the answer into the last argument, which may be nil.
func (v *Visitor) JSON(method, path string, body string, status int, into any, header ...string) Answer {
	v.T.Helper()
	a := v.Send(method, path, "application/json", body, header...)
	if a.Status != status {
		v.T.Fatalf("%s %s: %d, want %d\n%s", method, path, a.Status, status, a.Body)
	}
	if into != nil {
		if err := json.Unmarshal([]byte(a.Body), into); err != nil {
			v.T.Fatalf("%s %s: %v\n%s", method, path, err, a.Body)
		}
	}
	return a
}

var codeShape = regexp.MustCompile(`<strong class="nums"><bdi>(\d{6})</bdi>`)

// sessions are the sessions begun, by address: codes are limited, so visitors as the same person share one.
var sessions struct {
	mu sync.Mutex
	by map[string][]*http.Cookie
}

// SignIn signs in with the code that arrives in the simulated mailbox of the address.
func (v *Visitor) SignIn(address string, staff bool) {
	v.T.Helper()
	site, err := url.Parse(v.Base)
	if err != nil {
		v.T.Fatal(err)
	}
	sessions.mu.Lock()
	defer sessions.mu.Unlock()
	if have := sessions.by[address]; have != nil {
		v.client.Jar.SetCookies(site, have)
		return
	}
	path := "/sign-in"
	if staff {
		path = "/staff/sign-in"
	}
	to := v.Post(path, url.Values{"address": {address}, "next": {"/"}}, http.StatusSeeOther)
	at, err := url.Parse(to)
	if err != nil {
		v.T.Fatal(err)
	}
	code := Eventually(v.T, "the code arrives", func() string {
		found := codeShape.FindStringSubmatch(v.Get("/simulator/messages?address="+url.QueryEscape(address), http.StatusOK))
		if found == nil {
			return ""
		}
		return found[1]
	})
	v.Post("/sign-in/code", url.Values{"id": {at.Query().Get("id")}, "code": {code}, "next": {"/"}}, http.StatusSeeOther)
	if sessions.by == nil {
		sessions.by = map[string][]*http.Cookie{}
	}
	for _, c := range v.client.Jar.Cookies(site) {
		if c.Name != "lang" {
			c.Path = "/"
			sessions.by[address] = append(sessions.by[address], c)
		}
	}
}

// Eventually asks until there is an answer, for what happens after a job.
func Eventually(t testing.TB, what string, ask func() string) string {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if s := ask(); s != "" {
			return s
		}
	}
	t.Fatalf("%s: not within 20 seconds", what)
	return ""
}

var (
	tags   = regexp.MustCompile(`(?s)<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
)

// Text is what a page says, without its markup.
func Text(html string) string { return spaces.ReplaceAllString(tags.ReplaceAllString(html, " "), " ") }
