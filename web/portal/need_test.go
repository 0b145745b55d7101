package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"digit/web/hook/hooktest"
)

// TestNeed finds services by answers, without signing in: what may be for the reader, what is not and why, and what hangs on more.
func TestNeed(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	for _, at := range []string{"/", "/services"} {
		if s := v.Get(at, http.StatusOK); !strings.Contains(s, `href="/what-do-i-need"`) {
			t.Errorf("%s does not lead there", at)
		}
	}
	if s := v.Get("/what-do-i-need", http.StatusOK); !strings.Contains(s, `value="building-a-home"`) || !strings.Contains(s, `method="get"`) {
		t.Errorf("first:\n%s", hooktest.Text(s))
	}
	path := "/what-do-i-need?event=building-a-home&event=starting-a-business&event=building-a-home"
	s := v.Get(path, http.StatusOK)
	for _, name := range []string{"building-permit.in_praia", "property-tax.in_praia", "trade-licence.in_praia", "water-connection.on_santiago"} {
		if n := strings.Count(s, `type="radio" id="`+name); n == 0 || n > 2 {
			t.Errorf("%s is asked %d times", name, n)
		}
	}
	answers := url.Values{
		"building-permit.in_praia": {"yes"}, "building-permit.has_right": {"no"}, "building-permit.has_designer": {"yes"},
		"trade-licence.in_praia": {"yes"}, "trade-licence.has_nif": {"yes"}, "property-tax.in_praia": {"yes"}, "nothing.known": {"yes"},
	}
	s = hooktest.Text(v.Post(path, answers, http.StatusOK))
	part := func(from, to string) string {
		_, rest, _ := strings.Cut(s, from)
		found, _, _ := strings.Cut(rest, to)
		return found
	}
	const may, open, not = "These may be for you", "These hang on what you have not answered", "These are not for you"
	if got := part(may, open); !strings.Contains(got, "Trade licence") || !strings.Contains(got, "licenses premises in its municipality") || strings.Contains(got, "Building permit") {
		t.Errorf("for the reader: %s", got)
	}
	if got := part(open, not); !strings.Contains(got, "Is it used for farming or livestock alone?") || !strings.Contains(got, "Are the pipes inside the building ready?") || strings.Contains(got, "Is the property in the municipality") {
		t.Errorf("open: %s", got)
	}
	if got := part(not, "Change my answers"); !strings.Contains(got, "Building permit") || !strings.Contains(got, "Only who has a right to the plot") || !strings.Contains(got, "ask the municipality for a plot") {
		t.Errorf("not: %s", got)
	}
	answers.Set("_refresh", "1")
	if s := v.Post(path, answers, http.StatusOK); !strings.Contains(s, `name="building-permit.has_right" value="no" checked`) {
		t.Error("the answers are not shown again")
	}
	// A moment of life whose services ask nothing leads to them at once.
	if s := hooktest.Text(v.Get("/what-do-i-need?event=knowing-your-rights", http.StatusOK)); !strings.Contains(s, may) {
		t.Errorf("without questions: %s", s)
	}
	if s := hooktest.Text(v.Get("/what-do-i-need?event=unheard-of", http.StatusOK)); !strings.Contains(s, "No services to show") {
		t.Errorf("unknown: %s", s)
	}
	for _, lang := range []string{"pt", "ar", "hi"} {
		hooktest.Visit(t, lang).Get(path, http.StatusOK)
	}
}
