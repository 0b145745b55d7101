package edge

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"digit/cmd/digit/app"
)

// TestTooOften: what costs others can be done as often as people do it and not as often as programs can; who is refused
// is told how long to wait, and nobody else notices.
func TestTooOften(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{})
	c := h.visitor(t)
	refused := 0
	for _, a := range atOnce(80, func(int) answer { return c.form("/verify", "text", "XXXX-XXXX") }) {
		switch a.status {
		case http.StatusOK:
		case http.StatusTooManyRequests:
			refused++
			if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 1 || wait > 60 || !strings.Contains(a.body, "Wait "+a.header.Get("Retry-After")+" seconds") {
				t.Errorf("it says to wait %q: %s", a.header.Get("Retry-After"), text(a.body))
			}
		default:
			t.Errorf("got %d", a.status)
		}
	}
	for asked := 80; refused == 0; asked++ { // a new minute began amid them, which starts the count anew
		if c.form("/verify", "text", "XXXX-XXXX").status == http.StatusTooManyRequests {
			refused++
		}
		if asked > 200 {
			t.Fatal("two hundred a minute are taken")
		}
	}
	for _, lang := range []string{"en", "pt", "ar"} {
		c.lang = lang
		if a := c.form("/verify", "text", "XXXX-XXXX"); a.status != http.StatusTooManyRequests && a.status != http.StatusOK || strings.Contains(a.body, "error.") {
			t.Errorf("in %s: %d %s", lang, a.status, text(a.body))
		}
	}
	if a := h.visitor(t).form("/verify", "text", "XXXX-XXXX"); a.status != http.StatusOK {
		t.Errorf("somebody at another address: %d", a.status)
	}
	if a := c.get("/services"); a.status != http.StatusOK {
		t.Errorf("another page: %d", a.status)
	}
	api := h.visitor(t)
	var last answer
	for range 130 {
		if last = api.json("/api/v1/verify", `{"text":"XXXX"}`); last.status == http.StatusTooManyRequests {
			break
		}
	}
	if p := api.problem(last, http.StatusTooManyRequests); p.Code != "quota.spent" || last.header.Get("Retry-After") == "" {
		t.Errorf("%+v", p)
	}
	if n := h.count(t, `SELECT count(*) FROM platform.quota WHERE position('127.0.' IN encode(key, 'escape')) > 0`); n != 0 {
		t.Error("addresses lie in clear")
	}
}
