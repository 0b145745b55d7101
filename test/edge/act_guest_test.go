package edge

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var (
	// payLink is the address by which anybody pays.
	payLink    = regexp.MustCompile(`/pay/[A-Za-z0-9_-]{20,}`)
	references = regexp.MustCompile(`[A-Z]{2,}-\d{4}-\d{6}`)
)

// guestsActs are those of people without an account: one applies and comes back, another pays for somebody.
func (h *house) guestsActs(t *testing.T, c *client) {
	t.Helper()
	guest, address := h.visitor(t), phone()
	tenant := h.tenant(t, "cv")
	at := "/requests/" + requestPath.FindStringSubmatch(guest.must("/services/streetlight-complaint/guest"))[1]
	guest.must(at+"/pages/problem", "problem", "out", "lights", "2")
	guest.must(at+"/pages/place", "place", "CV-PR-01", "landmark", "a padaria")
	guest.must(at+"/pages/contact", "reporter_name", "Gina", "phone", "", "email", "")
	prove := func(ask, take string, pairs ...string) {
		t.Helper()
		before := len(h.messages(t, tenant, address))
		to, err := url.Parse(guest.must(ask, append(pairs, "address", address)...))
		if err != nil {
			t.Fatal(err)
		}
		guest.must(take, "sent", to.Query().Get("code"), "typed", guest.code(address, before))
	}
	prove(at+"/contact", at+"/contact/code", "name", "Gina Gomes")
	guest.must(at+"/submit", "another", "yes")
	reference := references.FindString(guest.want(guest.get(at+"/sent"), http.StatusOK, "what was sent").body)
	guest.must("/sign-out")
	prove("/find-application", "/find-application/code", "reference", reference)

	pay := "/requests/" + c.sent().ID + "/pay"
	link := payLink.FindString(c.want(c.post(pay+"/link"), http.StatusOK, "a link to pay by").body)
	payer := h.visitor(t)
	if a := payer.want(payer.post(link), http.StatusSeeOther, "paying by a link"); !strings.Contains(a.location, "/sim/") {
		t.Errorf("paying by a link leads to %s", a.location)
	}
	c.must(pay + "/link/end")
}
