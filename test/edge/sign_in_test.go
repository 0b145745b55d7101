package edge

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestEachSiteIsComeBackTo: from an identity provider people come back to the site that sent them, where their cookies are.
func TestEachSiteIsComeBackTo(t *testing.T) {
	t.Parallel()
	h := open(t)
	for slug, c := range map[string]*client{"cv": h.visitor(t), "sandbox": h.visitorAt(t, "sandbox")} {
		a := c.want(c.post("/sign-in/with/simulated", "next", "/profile"), http.StatusSeeOther, "going to the provider")
		u, err := url.Parse(a.location)
		if err != nil {
			t.Fatal(err)
		}
		back, err := url.Parse(u.Query().Get("redirect_uri"))
		if err != nil || back.Path != "/sign-in/callback" || strings.HasPrefix(back.Host, "sandbox.") != (slug == "sandbox") {
			t.Errorf("%s: comes back to %s, %v", slug, back, err)
		}
	}
}

// there signs the browser in at the simulated provider and returns the address to which it sends back.
func (c *client) there(subject string) string {
	c.t.Helper()
	a := c.want(c.post("/sign-in/with/simulated", "next", "/profile"), http.StatusSeeOther, "going to the provider")
	at, err := url.Parse(a.location)
	if err != nil {
		c.t.Fatal(err)
	}
	pairs := []string{"subject", subject}
	for name, values := range at.Query() {
		pairs = append(pairs, name, values[0])
	}
	return c.want(c.post(at.Path, pairs...), http.StatusSeeOther, "signing in there").location
}

// TestACallbackIsOnesOwn: what a provider sends back signs in the browser that was sent there, once, and no other: nobody can
// be brought into somebody else's account by a link.
func TestACallbackIsOnesOwn(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.visitor(t)
	back := c.there("amina-diallo")
	if !strings.HasPrefix(back, "/sign-in/callback?") {
		t.Fatalf("sent back to %s", back)
	}
	lured, waiting := h.visitor(t), h.visitor(t)
	waiting.there("amina-diallo") // has a sign-in of its own under way
	for what, a := range map[string]answer{
		"a browser that was never sent": lured.get(back), "one that waits for another answer": waiting.get(back),
		"without state": c.get(strings.Split(back, "state=")[0]), "with another": c.get("/sign-in/callback?code=x&state=" + newID()),
	} {
		if a.status < 400 || a.status >= 500 {
			t.Errorf("%s: %d %s", what, a.status, a.location)
		}
	}
	for what, other := range map[string]*client{"lured": lured, "waiting": waiting, "not yet": c} {
		if other.session() != "" {
			t.Errorf("%s is signed in", what)
		}
	}
	c.want(c.get(back), http.StatusSeeOther, "the browser that was sent")
	if c.session() == "" || strings.Contains(c.get("/profile").body, "/sign-in?") {
		t.Error("it is not signed in")
	}
	if a := c.get(back); a.status < 400 || a.status >= 500 {
		t.Errorf("the same answer again: %d %s", a.status, a.location)
	}
	if a := lured.get("/sign-in/with/simulated"); a.status != http.StatusNotFound && a.status != http.StatusMethodNotAllowed {
		t.Errorf("a link begins a sign-in: %d", a.status)
	}
}
