package journey_test

import (
	"regexp"
	"strings"
	"testing"

	"digit/test/browser"
)

// offers are links to the start pages of services.
var offers = regexp.MustCompile(`href="/services/([a-z0-9-]+)"`)

// TestLibrary opens the start page and the first question of every service that the demonstration offers, on a telephone, in
// Portuguese and in Arabic: each keeps the rules of accessibility and fits.
func TestLibrary(t *testing.T) {
	t.Parallel()
	codes := map[string]bool{}
	for _, m := range offers.FindAllStringSubmatch(shared.get(t, "/services"), -1) {
		codes[m[1]] = true
	}
	if len(codes) < 5 {
		t.Fatalf("the demonstration offers %v", codes)
	}
	citizen := shared.somebody(t, newPhone(t), browser.Options{JS: true, Width: phone})
	citizen.visit("/services/streetlight-complaint/start")
	citizen.register("Ivone Semedo")
	for code := range codes {
		for _, lang := range []string{"pt", "ar"} {
			p := shared.somebody(t, citizen.address, browser.Options{JS: true, Width: phone, Lang: lang})
			p.visit("/services/" + code)
			p.checked()
			p.Fits()
			p.Shot("library-" + code + "-" + lang)
		}
	}
	// Who is signed in goes from the start to the first page.
	for code := range codes {
		citizen.visit("/services/" + code + "/start")
		citizen.next()
		if strings.HasPrefix(citizen.path(), "/requests/") { // the list of tasks, and behind it the first page
			citizen.checked()
			citizen.Fits()
			citizen.Shot("library-" + code + "-first")
		} else {
			t.Errorf("%s begins at %s", code, citizen.path())
		}
	}
	home := shared.somebody(t, newPhone(t), browser.Options{JS: true, Width: desk})
	for _, width := range []int{phone, desk} {
		home.Resize(width)
		home.visit("/")
		home.checked()
		home.Fits()
		home.Shot(map[bool]string{true: "home-phone", false: "home"}[width == phone])
	}
}
