package journey_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"digit/test/browser"
)

// TestKeys changes a key of the portal while the portal is in use, and watches: on a telephone and on a wide screen,
// from left to right and from right to left.
func TestKeys(t *testing.T) {
	t.Parallel()
	c := newClient(t, shared)
	c.signIn("sofia.andrade@demo.example", "")
	begun, _, _ := strings.Cut(c.post("/console/keys/seal/rotate", url.Values{}).path, "?")
	pages := map[string]string{
		"overview": "/console/keys", "change": "/console/keys/index/rotate", "progress": begun, "signing": "/console/keys/signing",
		"destroy": "/console/keys/destroy?act=tenant_key&target=api%2F0000", "history": "/console/keys/history", "proposals": "/console/keys/proposals",
	}
	for _, lang := range []string{"pt", "ar"} {
		c.get("/language/" + lang + "?next=/verify")
		for _, width := range []int{phone, 768, 1280} {
			w := c.window(browser.Options{JS: true, Width: width})
			for name, path := range pages {
				w.visit(path)
				w.Fits()
				w.checked()
				w.Shot(fmt.Sprintf("keys-%s-%s-%d", name, lang, width))
			}
		}
	}
	c.post(begun+"/pause", url.Values{})
	if a := c.get(begun); !strings.Contains(a.body, begun+"/resume") {
		t.Errorf("paused, but cannot be resumed")
	}
	c.post(begun+"/resume", url.Values{})
}
