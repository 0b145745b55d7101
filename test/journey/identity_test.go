package journey_test

import (
	"net/url"
	"strings"
	"testing"

	"digit/test/browser"
)

// TestOtherIdentity signs in as an invented person of the identity provider; the other tenant of the same platform does
// not know the session.
func TestOtherIdentity(t *testing.T) {
	t.Parallel()
	p := shared.somebody(t, "", browser.Options{JS: true})
	p.visit("/sign-in?next=/requests")
	p.Click(`main form[action^="/sign-in/with/"] button`)
	p.arrive("/sim/idp/authorize")
	p.checked()
	p.Shot("simulator-identity")
	p.Click(`button[name=subject][value=amina-diallo]`)
	p.See("Amina Diallo")
	p.checked()

	c := newClient(t, shared)
	c.signIn(newPhone(t), "Lúcia Andrade Monteiro")
	at, err := url.Parse(shared.url)
	if err != nil {
		t.Fatal(err)
	}
	if a := c.get("/profile"); !strings.Contains(a.body, "Lúcia Andrade Monteiro") {
		t.Fatalf("she is not signed in at home: %s", a.path)
	}
	sandbox := newClient(t, &house{url: "http://sandbox.localhost:" + at.Port()})
	for _, k := range c.http.Jar.Cookies(at) {
		sandboxAt, err := url.Parse(sandbox.house.url)
		if err != nil {
			t.Fatal(err)
		}
		sandbox.http.Jar.SetCookies(sandboxAt, append(sandbox.http.Jar.Cookies(sandboxAt), k))
	}
	if a := sandbox.get("/profile"); !strings.HasPrefix(a.path, "/sign-in") {
		t.Errorf("the sandbox takes a session of another tenant: %d %s", a.status, a.path)
	}
}
