package journey_test

import (
	"net/url"
	"strings"
	"testing"

	"digit/test/browser"
)

// designs signs a designer of the state in and begins a draft from a published version; it returns the draft's address.
func designs(t *testing.T, code string) (*client, string) {
	t.Helper()
	c := newClient(t, shared)
	c.signIn("edna.brito@demo.example", "")
	a := c.post("/studio/new/version/"+code, url.Values{})
	at, err := url.Parse(a.path)
	if err != nil || !strings.HasPrefix(at.Path, "/studio/") || len(strings.Split(at.Path, "/")) != 3 {
		t.Fatalf("a draft of %s begins at %s (%d): %v", code, a.path, a.status, err)
	}
	return c, at.Path
}

// toolPages are the pages of the tools, below a draft's address, with something chosen on each.
var toolPages = []struct{ name, path string }{
	{"workflow", "/workflow"},
	{"state", "/workflow?state=review"},
	{"action", "/workflow?action=pass-inspection"},
	{"fees", "/fees"},
	{"fee", "/fees?fee=inspection"},
	{"rule", "/rules?rule=food_safety"},
	{"document", "/documents?document=lease"},
	{"notice", "/notices?notice=submitted"},
	{"certificate", "/certificates?certificate=trade-licence"},
	{"letters", "/letters"},
	{"records", "/records"},
	{"targets", "/targets"},
}

// TestToolsOfTheStudio opens every tool on a service as large as real ones, in three languages, on a telephone and on a desk.
func TestToolsOfTheStudio(t *testing.T) {
	t.Parallel()
	c, draft := designs(t, "trade-licence")
	for _, lang := range []string{"en", "pt", "ar"} {
		c.get("/language/" + lang + "?next=/verify")
		for _, width := range []int{phone, 1280} {
			w := c.window(browser.Options{JS: true, Width: width})
			for _, page := range toolPages {
				w.visit(draft + page.path)
				w.Fits()
				if width == phone || lang == "ar" {
					w.Do("scrollTo(0, document.documentElement.scrollHeight)") // nothing lies below the panel of problems there
					w.Axe()
				}
				w.Shot("tools-" + page.name + "-" + lang + map[bool]string{true: "-360", false: "-1280"}[width == phone])
			}
		}
	}
}
