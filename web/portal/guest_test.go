package portal_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"digit/web/hook/hooktest"
)

var (
	codeShape = regexp.MustCompile(`<strong class="nums"><bdi>(\d{6})</bdi>`)
	uuidShape = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	refShape  = regexp.MustCompile(`[A-Z]{2,}-\d{4}-\d+`)
)

// codeFor waits for a code that came to an address, other than the ones known.
func codeFor(v *hooktest.Visitor, address string, known ...string) string {
	v.T.Helper()
	return hooktest.Eventually(v.T, "the code arrives", func() string {
		for _, m := range codeShape.FindAllStringSubmatch(v.Get("/simulator/messages?address="+url.QueryEscape(address), http.StatusOK), -1) {
			if !strings.Contains(strings.Join(known, " "), m[1]) {
				return m[1]
			}
		}
		return ""
	})
}

// complain fills in a complaint about a street light without an account, up to the check of the answers.
func complain(v *hooktest.Visitor) (request string) {
	v.T.Helper()
	v.Get("/services/streetlight-complaint/guest", http.StatusOK)
	request = "/requests/" + uuidShape.FindString(v.Post("/services/streetlight-complaint/guest", nil, http.StatusSeeOther))
	v.Post(request+"/pages/problem", url.Values{"problem": {"damaged"}, "danger": {"no"}, "lights": {"3"}}, http.StatusSeeOther)
	v.Post(request+"/pages/place", url.Values{"place": {"CV-PR-01"}, "landmark": {"opposite the bakery"}}, http.StatusSeeOther)
	v.Post(request+"/pages/contact", url.Values{"reporter_name": {"Gina"}, "phone": {""}, "email": {""}}, http.StatusSeeOther)
	return request
}

// TestGuest applies without an account and comes back by reference and code.
func TestGuest(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	if s := v.Get("/services/streetlight-complaint", http.StatusOK); !strings.Contains(s, `href="/services/streetlight-complaint/guest"`) {
		t.Error("the service does not offer it")
	}
	if s := v.Get("/sign-in?next=/services/streetlight-complaint/start", http.StatusOK); !strings.Contains(s, `href="/services/streetlight-complaint/guest"`) || !strings.Contains(s, `href="/find-application"`) {
		t.Error("the sign-in does not offer it")
	}
	request := complain(v)
	if s := v.Get(request+"/check", http.StatusOK); strings.Contains(s, `/submit"`) || !strings.Contains(s, request+"/contact") {
		t.Errorf("it can be sent at once:\n%s", hooktest.Text(s))
	}
	if to := v.Post(request+"/submit", url.Values{"another": {"yes"}}, http.StatusSeeOther); to != request+"/contact" {
		t.Errorf("sending leads to %s", to)
	}
	for _, closed := range []string{"/profile", "/profile/data", "/profile/security", "/profile/household", request + "/elsewhere"} {
		if a := v.Send(http.MethodGet, closed, "", ""); !strings.HasPrefix(a.Header.Get("Location"), "/sign-in") {
			t.Errorf("a guest opens %s: %d", closed, a.Status)
		}
	}
	v.Get(request+"/contact", http.StatusOK)
	if s := v.Post(request+"/contact", url.Values{"name": {"Gina Guest"}, "address": {"nowhere"}}, http.StatusUnprocessableEntity); !strings.Contains(s, `value="nowhere"`) || !strings.Contains(s, `value="Gina Guest"`) {
		t.Error("what was typed is lost")
	}
	v.Post(request+"/contact", url.Values{"name": {" "}, "address": {"gina.guest@example.org"}}, http.StatusUnprocessableEntity)
	to := v.Post(request+"/contact", url.Values{"name": {"Gina Guest"}, "address": {"gina.guest@example.org"}}, http.StatusSeeOther)
	v.Get(to, http.StatusOK)
	at, _ := url.Parse(to)
	sent := at.Query().Get("code")
	v.Post(request+"/contact/code", url.Values{"sent": {sent}, "typed": {"x"}}, http.StatusUnprocessableEntity)
	first := codeFor(v, "gina.guest@example.org")
	check := v.Post(request+"/contact/code", url.Values{"sent": {sent}, "typed": {first}}, http.StatusSeeOther)
	if s := v.Get(check, http.StatusOK); !strings.Contains(s, request+`/submit"`) {
		t.Fatalf("it cannot be sent:\n%s", hooktest.Text(s))
	}
	done := v.Post(request+"/submit", url.Values{"another": {"yes"}}, http.StatusSeeOther)
	page := v.Get(done, http.StatusOK)
	reference := refShape.FindString(page)
	if reference == "" || !strings.Contains(page, "Keep the reference") {
		t.Fatalf("sent:\n%s", hooktest.Text(page))
	}
	v.Get("/requests", http.StatusOK)
	v.Get(request, http.StatusOK)

	// On another device, with the reference and a code; without, the answer looks the same and leads nowhere.
	other := hooktest.Visit(t, "en")
	find := func(reference, address string) (string, string) {
		to := other.Post("/find-application", url.Values{"reference": {reference}, "address": {address}}, http.StatusSeeOther)
		at, _ := url.Parse(to)
		return at.Query().Get("code"), other.Get(to, http.StatusOK)
	}
	other.Get("/find-application", http.StatusOK)
	other.Post("/find-application", url.Values{"reference": {""}, "address": {"gina.guest@example.org"}}, http.StatusUnprocessableEntity)
	other.Post("/find-application", url.Values{"reference": {reference}, "address": {"nowhere"}}, http.StatusUnprocessableEntity)
	none, unknown := find("XX-2020-000001", "nobody.guest@example.org")
	right, known := find(reference, "gina.guest@example.org")
	if strings.ReplaceAll(unknown, none, "") != strings.ReplaceAll(known, right, "") {
		t.Error("what is there answers otherwise than what is not")
	}
	other.Post("/find-application/code", url.Values{"sent": {none}, "typed": {"123456"}}, http.StatusUnprocessableEntity)
	second := codeFor(other, "gina.guest@example.org", first)
	if to := other.Post("/find-application/code", url.Values{"sent": {right}, "typed": {second}}, http.StatusSeeOther); to != request {
		t.Errorf("coming back leads to %s", to)
	}
	other.Get(request, http.StatusOK)

	// Once it is decided, also without an account they say how it went.
	other.Post(request+"/withdraw", nil, http.StatusSeeOther)
	hooktest.Eventually(t, "it can be rated", func() string {
		s := other.Get(request, http.StatusOK)
		return map[bool]string{true: s}[strings.Contains(s, request+`/rate"`)]
	})
	if s := other.Get(other.Post(request+"/rate", url.Values{"stars": {"5"}}, http.StatusSeeOther), http.StatusOK); !strings.Contains(s, "You said “Very well”") {
		t.Errorf("a guest's rating:\n%s", hooktest.Text(s))
	}
}
