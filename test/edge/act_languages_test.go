package edge

import (
	"net/http"
	"testing"
)

// languageActs word the portal anew, and add a language, offer it and take it away.
func (h *house) languageActs(t *testing.T) {
	t.Helper()
	admin := h.staff(t, administrator)
	must := func(path string, pairs ...string) string {
		t.Helper()
		a := admin.post(path, pairs...)
		admin.want(a, http.StatusSeeOther, path)
		return a.location
	}
	const here = "/console/languages/ur"
	must("/console/languages/new", "code", "ur", "language_name", "اردو")
	must(here+"/texts/site.nav.services", "text.other", "خدمات")
	list := file{"file", "ur.csv", "text/csv", []byte("key,form,en,ur\nsite.footer.help,other,Help,مدد\n")}
	handed := admin.upload(here+"/files", []file{list})
	admin.want(handed, http.StatusSeeOther, "texts from a file")
	must(handed.location + "/apply")
	must("/console/languages/pt/texts/site.nav.services", "text.other", "Os serviços")
	must("/console/languages/pt/texts/site.nav.services/reset")
	must(here + "/show")
	must(here + "/hide")
	must(here + "/remove")
}
