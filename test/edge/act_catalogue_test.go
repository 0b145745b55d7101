package edge

import (
	"net/http"
	"strings"
	"testing"
)

// catalogueActs say how a service went, ask what is needed, and list a service of another site.
func (h *house) catalogueActs(t *testing.T, c *client, done application) {
	t.Helper()
	c.must("/requests/"+done.ID+"/rate", "stars", "4", "good", "form", "words", "Correu bem")
	c.want(c.post("/what-do-i-need?event=starting-a-business", "trade-licence.in_praia", "yes"), http.StatusOK, "what is needed")

	admin := h.staff(t, administrator)
	admin.seen("/insight/ratings")
	entry := []string{"name.pt", "Passaporte", "summary.pt", "Pedir o passaporte", "agency", "dgrni", "url", "https://passaporte.example.org/"}
	here, _, _ := strings.Cut(admin.must("/console/elsewhere/new", entry...), "?")
	admin.must(here+"/edit", entry...)
	admin.must(here + "/withdraw")
	admin.must(here + "/restore")
}
