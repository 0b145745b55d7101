package edge

import (
	"net/http"
	"strings"
	"testing"

	"digit/cmd/digit/app"
)

// TestNearbyReport: who is about to report what somebody reported a few steps away is asked first, and can follow that, or send theirs.
func TestNearbyReport(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{})
	first := h.citizen(t, "Rui Alves")
	first.want(first.json("/api/v1/requests", `{"service": "streetlight-complaint", "lang": "en", "answers": {"problem": "damaged", "danger": false,
		"lights": 2, "place": "CV-BV-01", "landmark": "Opposite the bakery", "spot": {"lat": 16.1371, "lng": -22.8890}}}`), http.StatusCreated, "the first report")
	eventually(t, "the first report", func() bool { return h.count(t, `SELECT count(*) FROM orchestration.spot`) == 1 })
	second := h.citizen(t, "Ana Alves")
	begin := func() (path string) {
		t.Helper()
		at := second.want(second.post("/services/streetlight-complaint/start"), http.StatusSeeOther, "beginning").location
		path = requestPath.FindString(at)
		for page, typed := range map[string][]string{
			"problem": {"problem", "damaged", "danger", "no", "lights", "1"}, "contact": {"reporter_name", "Ana Alves", "phone", "+2389955555"},
			"place": {"place", "CV-BV-01", "landmark", "Beside the shop", "spot.lat", "16.1373", "spot.lng", "-22.8890"},
		} {
			second.must(path+"/pages/"+page, typed...)
		}
		return path
	}
	draft := begin()
	if to := second.must(draft + "/submit"); to != draft+"/near" {
		t.Fatalf("sending leads to %s", to)
	}
	page := second.want(second.get(draft+"/near"), http.StatusOK, "the report nearby").body
	if !strings.Contains(text(page), "22 metres from your place") || strings.Contains(page, "Rui") || strings.Contains(page, "bakery") {
		t.Errorf("nearby is shown %s", text(page))
	}
	second.must(second.led(draft+"/near", draft+"/near/[0-9a-f-]{36}"))
	if n := h.count(t, `SELECT count(*) FROM orchestration.follower`); n != 1 {
		t.Errorf("%d follow", n)
	}
	other := begin()
	if to := second.must(other+"/submit", "another", "yes"); to != other+"/sent" {
		t.Errorf("another problem leads to %s", to)
	}
}
