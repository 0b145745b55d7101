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
