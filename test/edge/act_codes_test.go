package edge

import (
	"net/http"
	"testing"
)

// referenceActs keep code lists, areas and number formats.
func (h *house) referenceActs(t *testing.T) {
	t.Helper()
	admin := h.staff(t, administrator)
	must := func(path string, pairs ...string) {
		t.Helper()
		admin.want(admin.post(path, pairs...), http.StatusSeeOther, path)
	}
	const at = "/console/reference/"
	must(at+"lists/new", "code", "barcos", "name.pt", "Barcos")
	must(at+"lists/barcos/edit", "name.pt", "Embarcações")
	must(at+"lists/barcos/codes/new", "code", "bote", "name.pt", "Bote")
	must(at+"lists/barcos/codes/bote", "name.pt", "Bote", "closed", "yes")
	must(at+"lists/barcos/import", "rows", "code,pt\niate,Iate\n")
	must(at + "lists/barcos/codes/bote/remove")
	must(at+"areas/new", "code", "CV-XX", "name.pt", "Ilhéu", "level", "islet", "parent", "CV")
	must(at+"areas/CV-XX", "name.pt", "Ilhéu Novo", "level", "islet", "parent", "CV", "closed", "yes")
	must(at+"areas/import", "rows", "code,parent,level,pt\nCV-XX,CV,islet,Ilhéu\n")
	must(at+"numbers/new", "code", "barcos", "pattern", "B-{seq:4}")
	must(at+"numbers/barcos", "pattern", "B-{seq:5}", "next", "10")
}
