package outside

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// OpenID is an OpenID provider of somebody else's, with one client.
type OpenID struct {
	Issuer, ClientID, ClientSecret string
	// SignIn plays somebody's visit: from the address to which they were sent to the one to which they are sent back.
	SignIn func(v *Visit, address, who string) (back string)

	start func() *child
	child *child
}

// Stop takes the provider away.
func (o *OpenID) Stop() { o.child.stop() }

// Restart brings it back, or begins it anew: at the same address, with other keys, knowing nobody's session.
func (o *OpenID) Restart() {
	o.child.stop()
	o.child = o.start()
}

// Client says where the relying party is: its callback, and where it hears of sign-outs and takes people back from them.
type Client struct {
	Callback, Logout, SignedOut string
}

// NodeProvider runs npm's oidc-provider. Accounts are claims by subject; who signs in is a subject.
func NodeProvider(t testing.TB, c Client, accounts map[string]map[string]any) *OpenID {
	t.Helper()
	port := freePort(t)
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	o := &OpenID{Issuer: "http://localhost:" + port, ClientID: "digit", ClientSecret: "s3cret-of-digit"}
	client := map[string]any{
		"client_id": o.ClientID, "client_secret": o.ClientSecret, "redirect_uris": []string{c.Callback}, "id_token_signed_response_alg": "ES256",
	}
	if c.Logout != "" {
		client["backchannel_logout_uri"], client["backchannel_logout_session_required"] = c.Logout, true
	}
	if c.SignedOut != "" {
		client["post_logout_redirect_uris"] = []string{c.SignedOut}
	}
	o.start = func() *child {
		cmd := node(t.Context(), t, "provider.mjs", map[string]any{"port": number, "clients": []any{client}, "accounts": accounts})
		return run(t, cmd, func() error { return answers(o.Issuer + "/.well-known/openid-configuration") })
	}
	o.SignIn = nodeSignIn
	o.child = o.start()
	return o
}

var nodeForm = regexp.MustCompile(`action="([^"]*/interaction/[^"]+)"`)

func nodeSignIn(v *Visit, address, who string) string {
	v.t.Helper()
	page := v.Get(address)
	for page.Back == "" {
		form := nodeForm.FindStringSubmatch(page.Body)
		switch {
		case form == nil:
			v.t.Fatalf("no form at %s:\n%s", page.URL, page.Body)
		case strings.Contains(page.Body, `name="login"`):
			page = v.Post(form[1], url.Values{"prompt": {"login"}, "login": {who}, "password": {"any"}})
		default:
			page = v.Post(form[1], url.Values{"prompt": {"consent"}})
		}
	}
	return page.Back
}

// ZitadelUser is somebody whom Zitadel's example provider knows.
type ZitadelUser struct {
	ID, Username, Password, FirstName, LastName, Email string
	EmailVerified                                      bool
	PreferredLanguage                                  string
}

// Zitadel runs the example provider of github.com/zitadel/oidc, which make builds. Who signs in is a username.
func Zitadel(t testing.TB, c Client, users ...ZitadelUser) *OpenID {
	t.Helper()
	program := os.Getenv("DIGIT_ZITADEL")
	if program == "" {
		miss(t, "Zitadel's example provider (DIGIT_ZITADEL)")
	}
	if _, err := os.Stat(program); err != nil {
		miss(t, program)
	}
	known, passwords := map[string]ZitadelUser{}, map[string]string{}
	for _, u := range users {
		known[u.ID], passwords[u.Username] = u, u.Password
	}
	text, err := json.Marshal(known)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "users.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	o := &OpenID{Issuer: "http://localhost:" + port + "/", ClientID: "web", ClientSecret: "secret"}
	o.start = func() *child {
		cmd := exec.CommandContext(t.Context(), program)
		cmd.Env = append(os.Environ(), "PORT="+port, "REDIRECT_URI="+c.Callback, "USERS_FILE="+file)
		return run(t, cmd, func() error { return answers(o.Issuer + ".well-known/openid-configuration") })
	}
	o.SignIn = func(v *Visit, address, who string) string {
		v.t.Helper()
		page := v.Get(address)
		id := zitadelField.FindStringSubmatch(page.Body)
		if id == nil {
			v.t.Fatalf("no form at %s:\n%s", page.URL, page.Body)
		}
		return v.Post(page.URL, url.Values{"id": {id[1]}, "username": {who}, "password": {passwords[who]}}).Back
	}
	o.child = o.start()
	return o
}

var zitadelField = regexp.MustCompile(`name="id" value="([^"]+)"`)

// Visit is a browser's visit to a provider: it keeps cookies and follows redirects as far as the provider's own site goes.
type Visit struct {
	t      testing.TB
	client *http.Client
}

// Page is where a visit has come to.
type Page struct {
	URL, Body string
	Back      string // where the provider sends the browser on, outside of its own site; "" while it stays
}

// NewVisit begins a visit.
func NewVisit(t testing.TB) *Visit {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Visit{t: t, client: &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Get opens a page.
func (v *Visit) Get(address string) Page {
	v.t.Helper()
	return v.send(http.MethodGet, address, nil)
}

// Post sends a form.
func (v *Visit) Post(address string, form url.Values) Page {
	v.t.Helper()
	return v.send(http.MethodPost, address, form)
}

func (v *Visit) send(method, address string, form url.Values) Page {
	v.t.Helper()
	at, err := url.Parse(address)
	if err != nil {
		v.t.Fatal(err)
	}
	for range 10 {
		req, err := http.NewRequestWithContext(v.t.Context(), method, at.String(), strings.NewReader(form.Encode()))
		if err != nil {
			v.t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := v.client.Do(req)
		if err != nil {
			v.t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			v.t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil {
			v.t.Fatal(err)
		}
		next, err := res.Location()
		if err != nil { // it stays
			return Page{URL: at.String(), Body: string(body)}
		}
		if next.Host != at.Host {
			return Page{URL: at.String(), Back: next.String()}
		}
		at, method, form = next, http.MethodGet, nil
	}
	v.t.Fatalf("%s redirects for ever", address)
	return Page{}
}
